/** TypeScript's word on the declarations, the code and what authors write. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('the declarations say what the code is', () => {
  const tools = process.env.OSLO_TEST_TOOLS ?? here('../../../target/guests/tools/javascript');
  const tsc = path.join(tools, 'node_modules/typescript/bin/tsc');
  assert.ok(existsSync(tsc), `TypeScript is not in ${tools}: cargo xtask guests javascript installs it`);
  const { status, stdout } = spawnSync(process.execPath, [tsc, '--project', here('types')]);
  assert.equal(stdout.toString(), '');
  assert.equal(status, 0);
});

function here(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}
