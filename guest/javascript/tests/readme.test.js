/** The examples of the page of the SDK, in a folder of their own. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const sdk = fileURLToPath(new URL('..', import.meta.url));

test('the examples of the page run', () => {
  const page = readFileSync(path.join(sdk, 'README.md'), 'utf8');
  const blocks = Array.from(page.matchAll(/^```js\n(.*?)^```/gms), ([, text]) => text);
  const [plugin, , images, audit, tests, moreTests] = blocks;
  const folder = mkdtempSync(path.join(tmpdir(), 'page-'));
  try {
    const write = (name, text) => writeFileSync(path.join(folder, name), text);
    write('package.json', '{"type": "module"}');
    write('plugin.js', plugin);
    write('images.js', images);
    write('audit.js', audit);
    write('plugin.test.js', tests);
    write('more.test.js', moreTests);
    mkdirSync(path.join(folder, 'node_modules'));
    symlinkSync(sdk, path.join(folder, 'node_modules/oslo-messaging-guest'));
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    for (const file of ['plugin.test.js', 'more.test.js']) {
      const report = execFileSync(process.execPath, [file], { cwd: folder, env });
      assert.match(report.toString(), /^# pass 2$/m);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
