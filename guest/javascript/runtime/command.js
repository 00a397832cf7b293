/** A plugin as a program: starts its `main`, and says what became of it. */
import environment from 'wasi:cli/environment@0.2.12';
import { settle } from './exports.js';
import { run as runLoop } from './loop.js';
import { write } from './streams.js';
import { hint, inspect } from './inspect.js';

/** The export `wasi:cli/run`. The plugin is loaded here and not when it is built. */
export function command(load) {
  return {
    run() {
      let code;
      try {
        code = codeOf(settle('main', () => execute(load)) ?? 0);
        // What `main` did not wait for.
        runLoop();
      } catch (error) {
        write('stderr', `Uncaught ${inspect(error)}${hint(error)}\n`);
        code = 1;
      }
      if (code !== 0) {
        // How this toolchain says `err` of a `result` without a value; an Error would trap.
        throw undefined;
      }
    },
  };
}

function codeOf(returned) {
  if (!Number.isInteger(returned)) {
    throw new TypeError(`\`main\` returns nothing or an exit code, and returned ${inspect(returned)}`);
  }
  return returned;
}

function execute(load) {
  const { main } = load();
  if (typeof main !== 'function') {
    throw new TypeError('the plugin exports no function `main`');
  }
  return main(environment.getArguments().slice(1));
}
