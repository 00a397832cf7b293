import { builtinModules } from 'node:module';
import path from 'node:path';
import process from 'node:process';

import { linesOf } from './lines.js';

/**
 * The plugin and what it needs as one text, with the interfaces of WIT that this imports and those that
 * it exports. `wanted` are the exports of the plugin's own world by their names in JavaScript; without
 * them the plugin itself says by its exports what it is.
 */
export async function bundle({ esbuild, sdk, plugin, wanted = null }) {
  const exported = await exportsOf(esbuild, sdk, plugin);
  const names = wanted ?? Object.keys(OURS).filter((name) => exported?.includes(OURS[name].from));
  if (names.length === 0) {
    // A program of Node.js's older kind, whose exports nobody knows, or one that lacks its `main`.
    names.push('run');
  }
  const isOurs = (name) => Object.hasOwn(OURS, name) && (wanted === null || name !== 'run');
  const needed = names.map((name) => (isOurs(name) ? OURS[name].from : name));
  const missing = needed.filter((name) => exported !== null && !exported.includes(name));
  if (missing.length > 0) {
    const absent = missing.map((name) => `\`${name}\``).join(', ');
    const why = wanted === null
      ? '; one that serves exports `endpoints` or `notificationEndpoint`'
      : ', which its world wants';
    process.stderr.write(`${plugin} does not export ${absent}${why}\n`);
    process.exit(1);
  }
  const { text, map, metafile } = await build(esbuild, sdk, plugin, {
    stdin: {
      contents: start(sdk, plugin, names, isOurs),
      resolveDir: path.dirname(plugin),
      sourcefile: '<start>',
    },
  });
  const output = outputOf(metafile);
  const imports = output.imports.filter((it) => it.external).map((it) => it.path);
  const exports = wanted === null ? names.map((name) => OURS[name].wit) : [];
  const lines = linesOf({ text, map, folder: path.dirname(path.resolve(plugin)), sdk });
  return { text: text + lines, imports: [...new Set(imports)], exports };
}

/** The exports that the SDK makes of something that the plugin exports by another name. */
const OURS = {
  run: { from: 'main', by: 'command', file: 'command.js', wit: 'host:cli/run@0.2.12' },
  rpcEndpoint: {
    from: 'endpoints', by: 'served', file: 'serving.js', wit: 'oslo:messaging/rpc-endpoint@0.1.0',
  },
  notificationEndpoint: {
    from: 'notificationEndpoint', by: 'listening', file: 'listening.js',
    wit: 'oslo:messaging/notification-endpoint@0.1.0',
  },
};

/** The names; null of a module of Node.js's older kind, which nobody knows before it runs. */
async function exportsOf(esbuild, sdk, plugin) {
  const { metafile } = await build(esbuild, sdk, plugin, { entryPoints: [plugin] });
  const output = outputOf(metafile);
  return metafile.inputs[output.entryPoint].format === 'cjs' ? null : output.exports;
}

/** The bundle itself, beside the map of its lines. */
function outputOf({ outputs }) {
  return Object.entries(outputs).find(([name]) => name.endsWith('.js'))[1];
}

// `require` puts off what the plugin does at its top level until it runs: when it is built there is
// no host.
function start(sdk, plugin, names, isOurs) {
  const from = (file) => JSON.stringify(path.join(sdk, 'runtime', file));
  const lines = names.map((name, index) => {
    const { by, file } = isOurs(name) ? OURS[name] : { by: 'exported', file: 'exports.js' };
    const more = isOurs(name) ? '' : `, ${JSON.stringify(name)}`;
    return `
      import { ${by} as make${index} } from ${from(file)};
      const export${index} = make${index}(load${more});
      export { export${index} as ${name} };`;
  });
  return `const load = () => require(${JSON.stringify(plugin)});${lines.join('')}`;
}

async function build(esbuild, sdk, plugin, what) {
  const result = await esbuild.build({
    ...what,
    // What is wrong with a file is said by its name in there.
    absWorkingDir: path.dirname(path.resolve(plugin)),
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
    supported: {
      decorators: false, 'async-await': false, 'for-await': false, 'async-generator': false, using: false,
    },
    logLevel: 'warning',
    metafile: true,
    sourcemap: 'external',
    plugins: [packages(sdk), interfaces, ofNode],
    write: false,
    outfile: 'bundle.js',
  }).catch((error) => {
    if (error.errors === undefined) {
      throw error;
    }
    // The bundler has shown what is wrong with the plugin; where that was thrown helps nobody.
    process.exit(1);
  });
  const output = (ending) => result.outputFiles.find((file) => file.path.endsWith(ending)).text;
  return { text: output('.js'), map: output('.map'), metafile: result.metafile };
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

/** What Node.js has and a plugin has not; packages of npm have some of the names too. */
const ofNode = {
  name: 'of-node',
  setup(build) {
    build.onResolve({ filter: /^(node:)?[a-z_]+(\/[a-z]+)?$/ }, async (asked) => {
      const { path: name, pluginData, ...from } = asked;
      if (pluginData === ofNode || !builtinModules.includes(name.replace(/^node:/, ''))) {
        return undefined;
      }
      const { importer, namespace, resolveDir, kind } = from;
      const found = await build.resolve(name, { importer, namespace, resolveDir, kind, pluginData: ofNode });
      const isThere = found.errors.length === 0 && !name.startsWith('node:');
      return isThere ? found : {
        errors: [{ text: `\`${name}\` is a module of Node.js, and a plugin has no Node.js, files, network or processes` }],
      };
    });
  },
};

const GLOBALS = [
  'abort', 'abort-timeout', 'array', 'console', 'date', 'performance', 'random', 'text', 'timers',
];
