/** Errors say where they come from, in the files of their author. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { bundle } from '../../tools/bundle.js';
import { from, placed } from '../../src/lines.js';
import { printed } from './fakes/stderr.js';

const sdk = fileURLToPath(new URL('../..', import.meta.url));
const tools = process.env.OSLO_TEST_TOOLS ?? path.join(sdk, '../../target/guests/tools/javascript');
const esbuild = createRequire(path.join(tools, 'tools.js'))('esbuild');
const folder = mkdtempSync(path.join(tmpdir(), 'lines-'));
const Native = globalThis.Promise;

after(() => rmSync(folder, { recursive: true }));

test('an uncaught error says the line of the file', async () => {
  const plugin = path.join(folder, 'plugin.ts');
  writeFileSync(path.join(folder, 'helper.ts'), `
    interface Nothing { it: string }

    export function helps(value: Nothing | undefined): string {
      return value!.it;
    }
  `);
  writeFileSync(plugin, `
    import { helps } from './helper.ts';
    type Words = string[];

    export async function main(words: Words): Promise<number> {
      await null;
      helps(undefined);
      return words.length;
    }
  `);
  const made = await bundle({ esbuild, sdk, plugin });
  const file = path.join(folder, 'bundle.js');
  writeFileSync(file, made.text);
  try {
    const { run } = await import(pathToFileURL(file).href);
    assert.throws(() => run.run());
  } finally {
    globalThis.Promise = Native;
  }
  const said = printed.join('');
  assert.match(said, /Uncaught TypeError: /);
  assert.match(said, /at helps \(helper\.ts:5\)\n/);
  assert.match(said, /at plugin\.ts:7\n/);
  assert.match(said, /\(oslo-messaging-guest\/runtime\/command\.js:\d+\)/);
  assert.doesNotMatch(said, /bundle\.js/);
});

test('a stack of something else stays as it is', () => {
  delete globalThis[Symbol.for('oslo-messaging-guest.lines')];
  assert.equal(placed('at /bundle.js:7:1\nat b'), 'at /bundle.js:7:1\nat b');
  globalThis[Symbol.for('oslo-messaging-guest.lines')] = JSON.stringify({ sources: ['a.js'], runs: [[3, 0, 1], [5, -1, 0]] });
  assert.equal(placed('f (/bundle.js:4:1)\n (/bundle.js:5)\n (/bundle.js:1)\n (native)'), 'f (a.js:2)\n (native)');
  delete globalThis[Symbol.for('oslo-messaging-guest.lines')];
});

test('what the host says is an error of whoever asked', () => {
  const asked = new Error();
  const error = from(asked, new RangeError('no'));
  assert.match(error.stack, /^RangeError: no\n.*lines\.test\.js/);
  asked.stack = '    at f (/bundle.js:1)\n';
  assert.equal(from(asked, error).stack, asked.stack);
});
