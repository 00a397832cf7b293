import path from 'node:path';
import process from 'node:process';

/** The plugin and what it needs as one text, and the interfaces of WIT that this imports. */
export async function bundle({ esbuild, sdk, plugin, wanted, isCommand }) {
  const exported = await exportsOf(esbuild, sdk, plugin);
  const missing = wanted.filter((name) => exported !== null && !exported.includes(name));
  if (missing.length > 0) {
    const names = missing.map((name) => `\`${name}\``).join(', ');
    process.stderr.write(`${plugin} does not export ${names}, which its world wants\n`);
    process.exit(1);
  }
  const { text, metafile } = await build(esbuild, sdk, {
    stdin: {
      contents: isCommand ? command(sdk, plugin) : library(sdk, plugin, wanted),
      resolveDir: path.dirname(plugin),
      sourcefile: 'start.js',
    },
  });
  const [output] = Object.values(metafile.outputs);
  const imports = output.imports.filter((it) => it.external).map((it) => it.path);
  return { text, imports: [...new Set(imports)] };
}

/** The names; null of a module of Node.js's older kind, which nobody knows before it runs. */
async function exportsOf(esbuild, sdk, plugin) {
  const { metafile } = await build(esbuild, sdk, { entryPoints: [plugin] });
  const [output] = Object.values(metafile.outputs);
  return metafile.inputs[output.entryPoint].format === 'cjs' ? null : output.exports;
}

// `require` puts off what the plugin does at its top level until it runs: when it is built there is
// no host.
const command = (sdk, plugin) => `
  import { command } from ${JSON.stringify(path.join(sdk, 'runtime/command.js'))};
  export const run = command(() => require(${JSON.stringify(plugin)}));
`;

const library = (sdk, plugin, names) => `
  import { exported } from ${JSON.stringify(path.join(sdk, 'runtime/exports.js'))};
  const load = () => require(${JSON.stringify(plugin)});
  ${names.map((name, index) => `
  const export${index} = exported(load, ${JSON.stringify(name)});
  export { export${index} as ${name} };`).join('')}
`;

async function build(esbuild, sdk, what) {
  const result = await esbuild.build({
    ...what,
    bundle: true,
    charset: 'utf8',
    conditions: ['oslo-plugin'],
    // Globals become those of the runtime, and come along only if they are used.
    define: {
      'AbortSignal.timeout': '__abortSignalTimeout',
      'Array.fromAsync': '__arrayFromAsync',
      'Math.random': '__mathRandom',
    },
    format: 'esm',
    inject: GLOBALS.map((name) => path.join(sdk, 'runtime/globals', `${name}.js`)),
    // Promises are the runtime's own, and only what is written as such can use them.
    supported: { 'async-await': false, 'for-await': false, 'async-generator': false, using: false },
    logLevel: 'warning',
    metafile: true,
    plugins: [packages(sdk), interfaces],
    write: false,
    outfile: 'bundle.js',
  }).catch((error) => {
    if (error.errors === undefined) {
      throw error;
    }
    // The bundler has shown what is wrong with the plugin; where that was thrown helps nobody.
    process.exit(1);
  });
  return { text: result.outputFiles[0].text, metafile: result.metafile };
}

/** The SDK, from wherever it comes; the half of it that is for tests has no business here. */
const packages = (sdk) => ({
  name: 'packages',
  setup(build) {
    build.onResolve({ filter: /^oslo-messaging-guest$/ }, () => ({
      path: path.join(sdk, 'src/index.js'),
      sideEffects: false,
    }));
    build.onResolve({ filter: /^oslo-messaging-guest\/testing$/ }, () => ({
      errors: [{ text: 'oslo-messaging-guest/testing is for tests under Node.js, not for a plugin' }],
    }));
  },
});

/** The toolchain cuts off all that is named `wasi`; see `world.js`. */
const interfaces = {
  name: 'interfaces',
  setup(build) {
    build.onResolve({ filter: /^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*\// }, ({ path: name }) => (
      // These are not packages of WIT, and the bundler has its own words for them.
      /^(node|data):/.test(name) ? undefined : {
        path: name.replace(/^wasi:/, 'host:'),
        external: true,
        sideEffects: false,
      }
    ));
  },
};

const GLOBALS = [
  'abort', 'abort-timeout', 'array', 'console', 'date', 'performance', 'random', 'text', 'timers',
];
