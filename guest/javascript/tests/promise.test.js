import assert from 'node:assert/strict';
import { test } from 'node:test';

import { run } from '../runtime/loop.js';
import { LoopPromise } from '../runtime/promise.js';

function settled(promise) {
  let outcome = 'pending';
  promise.then((value) => { outcome = value; }, (reason) => { outcome = `rejected: ${reason}`; });
  run();
  return outcome;
}

test('promises chain, adopt and fail', () => {
  const one = LoopPromise.resolve(1);
  assert.equal(settled(one.then((value) => value + 1)), 2);
  assert.equal(settled(one.then(() => LoopPromise.resolve('inner'))), 'inner');
  assert.equal(settled(one.then(() => { throw 'no'; })), 'rejected: no');
  assert.equal(settled(LoopPromise.reject('no').catch(() => 'yes')), 'yes');
  assert.equal(settled(one.finally(() => 7)), 1);
  assert.equal(settled(LoopPromise.reject('no').finally(() => 7)), 'rejected: no');
  assert.equal(settled(LoopPromise.resolve({ then: (resolve) => resolve('foreign') })), 'foreign');
  assert.equal(settled(new LoopPromise(() => {})), 'pending');
  const { promise, resolve } = LoopPromise.withResolvers();
  resolve(promise);
  assert.match(settled(promise), /cannot wait for itself/);
});

test('the first decision counts', () => {
  const twice = new LoopPromise((resolve, reject) => {
    resolve(1);
    reject(2);
    throw new Error('3');
  });
  assert.equal(settled(twice), 1);
});

test('promises are combined', () => {
  const [one, no] = [LoopPromise.resolve(1), () => LoopPromise.reject('no')];
  assert.deepEqual(settled(LoopPromise.all([one, 2])), [1, 2]);
  assert.deepEqual(settled(LoopPromise.all([])), []);
  assert.equal(settled(LoopPromise.all([one, no()])), 'rejected: no');
  assert.equal(settled(LoopPromise.race([new LoopPromise(() => {}), one])), 1);
  assert.equal(settled(LoopPromise.any([no(), one])), 1);
  assert.match(settled(LoopPromise.any([no()])), /all promises were rejected/);
  assert.deepEqual(settled(LoopPromise.allSettled([one, no()])), [
    { status: 'fulfilled', value: 1 }, { status: 'rejected', reason: 'no' },
  ]);
});

test('a rejection that nobody handles ends the run', () => {
  LoopPromise.reject(new RangeError('lost'));
  assert.throws(run, /lost/);
});
