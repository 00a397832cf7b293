/** A plugin as a program: starts its `main`, and says what became of it. */
import environment from 'wasi:cli/environment@0.2.12';
import { write } from './streams.js';
import { hint, inspect } from './inspect.js';
import { enqueue, run as runLoop } from './loop.js';
import { LoopPromise } from './promise.js';

/** The export `wasi:cli/run`. The plugin is loaded here and not when it is built. */
export function command(load) {
  return {
    run() {
      globalThis.Promise = LoopPromise;
      globalThis.queueMicrotask = enqueue;
      let code;
      try {
        code = execute(load);
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

function execute(load) {
  const { main } = load();
  if (typeof main !== 'function') {
    throw new TypeError('the plugin exports no function `main`');
  }
  let outcome;
  LoopPromise.resolve(main(environment.getArguments().slice(1))).then((value) => {
    outcome = { code: value ?? 0 };
  });
  runLoop();
  if (outcome === undefined) {
    throw new Error('`main` waits for a promise that nothing will settle');
  }
  return Number(outcome.code);
}
