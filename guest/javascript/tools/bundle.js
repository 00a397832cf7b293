import path from 'node:path';
import process from 'node:process';

/** The plugin and what it needs as one text, and the interfaces of WIT that this imports. */
export async function bundle({ esbuild, sdk, plugin, isCommand }) {
  const result = await esbuild.build({
    ...(isCommand ? command(sdk, plugin) : { entryPoints: [plugin] }),
    alias: { 'oslo-messaging-guest': path.join(sdk, 'src/index.js') },
    bundle: true,
    charset: 'utf8',
    format: 'esm',
    // Promises are the runtime's own, and only what is written as such can use them.
    supported: { 'async-await': false, 'for-await': false, 'async-generator': false, using: false },
    logLevel: 'warning',
    metafile: true,
    plugins: [interfaces],
    write: false,
    outfile: 'bundle.js',
  }).catch((error) => {
    if (error.errors === undefined) {
      throw error;
    }
    // The bundler has shown what is wrong with the plugin; where that was thrown helps nobody.
    process.exit(1);
  });
  const [output] = Object.values(result.metafile.outputs);
  return {
    text: result.outputFiles[0].text,
    imports: [...new Set(output.imports.filter((it) => it.external).map((it) => it.path))],
  };
}

/** A command: its globals become those of the runtime, and come along only if they are used. */
function command(sdk, plugin) {
  const globals = ['console', 'date', 'performance', 'random', 'text', 'timers'];
  return {
    inject: globals.map((name) => path.join(sdk, 'runtime/globals', `${name}.js`)),
    define: { 'Math.random': '__mathRandom' },
    stdin: {
      // `require` puts off what the plugin does at its top level until it runs: when it is built
      // there is no host.
      contents: `
        import { command } from ${JSON.stringify(path.join(sdk, 'runtime/command.js'))};
        export const run = command(() => require(${JSON.stringify(plugin)}));
      `,
      resolveDir: path.dirname(plugin),
      sourcefile: 'command.js',
    },
  };
}

/** The toolchain cuts off all that is named `wasi`; see `world.js`. */
const interfaces = {
  name: 'interfaces',
  setup(build) {
    build.onResolve({ filter: /^(oslo|wasi):/ }, ({ path: name }) => ({
      path: name.replace(/^wasi:/, 'host:'),
      external: true,
      sideEffects: false,
    }));
  },
};
