/** What the archive of the SDK has and says. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));
const read = (name) => readFileSync(`${folder}/${name}`, 'utf8');
const manifest = JSON.parse(read('package.json'));

test('the version is the project\'s', () => {
  const [, version] = /^version = "(.*)"$/m.exec(read('../../Cargo.toml'));
  assert.equal(manifest.version, version);
  const names = read('src/host.js').match(/oslo:messaging\/[a-z-]+@[0-9.]+/g);
  assert.equal(names.length, 5);
  for (const name of names) {
    assert.ok(name.endsWith(`@${version}`), name);
  }
});

test('the archive has what a plugin needs, and nothing else', () => {
  const [{ files }] = JSON.parse(execFileSync(
    'npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: folder },
  ));
  const packed = files.map(({ path }) => path).sort();
  const all = ['src', 'src/serving', 'runtime', 'runtime/globals', 'testing', 'types'].flatMap((part) => (
    readdirSync(`${folder}/${part}`, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => `${part}/${name}`)
  ));
  assert.deepEqual(packed, ['LICENSE', 'README.md', 'package.json', ...all].sort());
  assert.equal(read('LICENSE'), read('../../LICENSE'));
});
