import assert from 'node:assert/strict';
import { test } from 'node:test';

test('the date is the host\'s, with and without `new`', async () => {
  const Engine = globalThis.Date;
  const { constructor } = Engine.prototype;
  try {
    const { Date } = await import('../../runtime/globals/date.js');
    const now = 86_400_007;
    assert.deepEqual([Date.now(), new Date().getTime()], [now, now]);
    assert.equal(Date(), new Engine(now).toString());
    assert.equal(new Date(0).toISOString(), '1970-01-01T00:00:00.000Z');
    assert.equal(new Date(2020, 1).getMonth(), 1);
    assert.equal(Date.UTC(1970, 0, 2), 86_400_000);
    assert.equal(Date.parse('1970-01-02T00:00:00Z'), 86_400_000);
    assert.ok(new Date() instanceof Date && new Date().constructor === Date);
    class Later extends Date {
      tomorrow() {
        return this.getTime() + 1;
      }
    }
    assert.equal(new Later(1).tomorrow(), 2);
    assert.equal(Date.length, 7);
  } finally {
    Engine.prototype.constructor = constructor;
  }
});
