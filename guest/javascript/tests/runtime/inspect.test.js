/** What is printed of values and errors, which must not be the end of the instance. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hint, inspect } from '../../runtime/inspect.js';

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

test('causes are told, and end', () => {
  const first = new RangeError('first');
  const second = new Error('second', { cause: first });
  assert.match(inspect(second), /^Error: second\n[^]*\ncaused by RangeError: first\n/);
  first.cause = second;
  assert.match(inspect(second), /caused by RangeError: first\n[^]*\ncaused by one of the errors above$/);
  const itself = new Error('itself');
  itself.cause = itself;
  assert.match(inspect(itself), /^Error: itself\n[^]*\ncaused by one of the errors above$/);
  let chain = new Error('0');
  for (let i = 1; i < 10_000; i += 1) {
    chain = new Error(`${i}`, { cause: chain });
  }
  assert.equal(inspect(chain).match(/^caused by/gm).length, 15);
  assert.match(inspect(new Error('e', { cause: null })), /caused by null$/);
});

test('what cannot be shown is no second error', () => {
  const unknown = 'something that cannot be shown';
  const noJson = { toJSON() { throw new Error('no JSON'); } };
  const getters = Object.create(Error.prototype, {
    message: { get() { throw new Error('no message'); } }, cause: { get() { throw new Error('no cause'); } },
  });
  for (const value of [revoked(), noJson, getters, Object.assign(() => 1, { toString: null })]) {
    assert.equal(inspect(value), unknown);
    assert.equal(hint(value), '');
    assert.match(inspect(new Error('outer', { cause: value })), /^Error: outer\n[^]*\ncaused by something that/);
  }
  assert.match(inspect(Object.assign(new Error('e'), { stack: 7, name: null })), /e\n7$/);
});

test('values are shown as deep as anybody reads', () => {
  let deep = {};
  for (let i = 0; i < 10_000; i += 1) {
    deep = { deep };
  }
  assert.match(inspect(deep), /^(\{"deep":){100}"\[more\]"\}{100}$/);
  const map = new Map();
  map.set('itself', map).set('again', map);
  assert.equal(inspect(map), '[["itself","[seen above]"],["again","[seen above]"]]');
  assert.equal(inspect({ big: 2n ** 70n, set: new Set([1]) }), `{"big":"${2n ** 70n}n","set":[1]}`);
});
