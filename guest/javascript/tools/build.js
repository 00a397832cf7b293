/**
 * Makes a component of a plugin:
 * `node build.js SDK SOURCE WIT WORLD SCRATCH OUTPUT EXPORT...`, in a folder with `node_modules`.
 * The exports are what the world wants of the plugin.
 *
 * The component imports what the plugin uses of the SDK and of the runtime, found in what is left of
 * their imports when it is bundled, beside what its own world names.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';

import { bundle } from './bundle.js';
import { sdkOf } from './sdk.js';
import { pluginWorld } from './world.js';

const [ours, source, wit, world, scratch, output, ...wanted] = process.argv.slice(2);
const require = createRequire(path.join(process.cwd(), 'tools.js'));

const plugin = ['plugin.ts', 'plugin.js']
  .map((name) => path.join(source, name))
  .find((file) => existsSync(file));
const sdk = sdkOf(source, ours);
const { text, imports, exports } = await bundle({
  esbuild: require('esbuild'),
  sdk,
  plugin,
  wanted: world === 'command' ? null : wanted,
});
const program = path.join(scratch, 'bundle.js');
writeFileSync(program, text);

const { componentize } = require('componentize-qjs');
const { component } = await componentize({
  witPath: pluginWorld({ wit, world, scratch, imports, exports }),
  world: 'plugin',
  jsPath: program,
  jsSource: text,
  sync: true,
  stubWasi: true,
});
writeFileSync(output, component);
