import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as errors from '../src/errors.js';
import { encode, decode } from '../src/message.js';

const from = (tag, val) => errors.fromHost(Object.assign(new Error(), { payload: { tag, val } }));

test('a remote exception prints as in Python and has its parts', () => {
  const remote = from('remote', {
    class: 'QuotaExceeded', module: 'nova.errors', message: 'too many', args: '["a", 1]',
    kwargs: '{"limit": 20}', traceback: [],
  });
  assert.ok(remote instanceof errors.RemoteError && remote instanceof errors.MessagingError);
  assert.equal(String(remote), 'RemoteError: nova.errors.QuotaExceeded: too many');
  assert.deepEqual([remote.args, remote.kwargs], [['a', 1], { limit: 20 }]);
  assert.deepEqual([remote.wasExecuted, remote.mayHaveBeenExecuted], [true, false]);
});

test('every case has a class, and says what became of the request', () => {
  const text = { message: 'm' };
  const check = (error, type, executed, perhaps) => {
    assert.ok(error instanceof type, String(error));
    assert.equal(error.message, 'm');
    assert.deepEqual([error.wasExecuted, error.mayHaveBeenExecuted], [executed, perhaps]);
  };
  const timeout = { ...text, waitingFor: 'reply', delivery: 'maybe-delivered', limit: 500_000_000 };
  check(from('timeout', timeout), errors.MessagingTimeout, false, true);
  assert.equal(from('timeout', timeout).limit, 0.5);
  check(from('timeout', { ...timeout, delivery: 'not-sent' }), errors.MessagingTimeout, false, false);
  check(from('delivery-failure', { ...text, delivery: 'maybe-delivered' }),
    errors.MessageDeliveryFailure, false, true);
  check(from('no-such-target', text), errors.NoSuchTarget, false, false);
  check(from('version-cap', text), errors.RpcVersionCapError, false, false);
  check(from('invalid-target', 'm'), errors.InvalidTarget, false, false);
  check(from('access-denied', text), errors.AccessDenied, false, false);
  check(from('limit-exceeded', text), errors.LimitExceeded, false, false);
  check(from('invalid-reply', 'm'), errors.InvalidReply, true, false);
  check(from('other', 'm'), errors.MessagingError, false, false);
  check(from('invalid-argument', { argument: 'version-cap', message: 'm' }),
    errors.InvalidArgument, false, false);
  assert.equal(from('invalid-argument', { argument: 'version-cap' }).argument, 'versionCap');
});

test('what the host did not say stays as it is', () => {
  const own = new RangeError('mine');
  assert.equal(errors.fromHost(own), own);
});

test('messages become JSON, or are refused by the place', () => {
  assert.equal(encode('args'), '{}');
  assert.equal(encode('args', { a: [1, undefined], b: undefined }), '{"a":[1,null]}');
  const place = (value, message) => assert.throws(() => encode('args', value), { message });
  place({ a: { b: [NaN] } }, '`args.a.b.0` is NaN, which JSON cannot carry');
  place({ a: new Map() }, '`args.a` is a Map, which JSON cannot carry');
  const deep = {};
  let inner = deep;
  for (let level = 1; level <= 1000; level += 1) {
    inner.a = {};
    inner = inner.a;
  }
  place(deep, '`args` is nested more than 1000 levels deep');
  place(null, '`args` must be an object, not null');
  assert.throws(() => decode('{'), errors.InvalidReply);
});

test('a reply may be long, and not endlessly deep', () => {
  const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
  assert.throws(() => decode(nested(1001)), /nested more than 1000 levels/);
  assert.equal(JSON.stringify(decode(nested(1000))), nested(1000));
  const wide = JSON.stringify(Array(2000).fill({ a: ['\\"[['] }));
  assert.equal(JSON.stringify(decode(wide)), wide);
});
