/**
 * Makes a component of a plugin:
 * `node build.js SDK SOURCE WIT WORLD SCRATCH OUTPUT`, in a folder with `node_modules`.
 *
 * A world `command` is narrowed to what the plugin uses of it, found in what is left of its
 * imports when it is bundled.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';

import { bundle } from './bundle.js';
import { commandWorld } from './world.js';

const [sdk, source, wit, world, scratch, output] = process.argv.slice(2);
const require = createRequire(path.join(process.cwd(), 'tools.js'));

const plugin = ['plugin.ts', 'plugin.js']
  .map((name) => path.join(source, name))
  .find((file) => existsSync(file));
const { text, imports } = await bundle({
  esbuild: require('esbuild'),
  sdk,
  plugin,
  isCommand: world === 'command',
});
const program = path.join(scratch, 'bundle.js');
writeFileSync(program, text);

const { componentize } = require('componentize-qjs');
const { component } = await componentize({
  ...(world === 'command'
    ? { witPath: commandWorld(wit, scratch, imports), world: 'plugin' }
    : { witPath: wit, world }),
  jsPath: program,
  jsSource: text,
  sync: true,
  stubWasi: true,
});
writeFileSync(output, component);
