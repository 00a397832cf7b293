import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as errors from '../src/errors.js';

const from = (tag, val) => errors.fromHost(Object.assign(new Error(), { payload: { tag, val } }));
const remote = (changes) => from('remote', {
  typeName: 'QuotaExceeded', typeModule: 'nova.errors', message: 'too many', args: '["a", 1]',
  kwargs: '{"limit": 20}', traceback: [], ...changes,
});

test('a remote exception has the fields of the contract, and prints as in Python', () => {
  const error = remote({});
  assert.ok(error instanceof errors.RemoteError && error instanceof errors.MessagingError);
  assert.equal(String(error), 'nova.errors.QuotaExceeded: too many');
  const { typeName, typeModule, message, args, argsText, kwargs, kwargsText, outcome } = error;
  assert.deepEqual([typeName, typeModule, message], ['QuotaExceeded', 'nova.errors', 'too many']);
  assert.deepEqual([args, argsText], [['a', 1], '["a", 1]']);
  assert.deepEqual([kwargs, kwargsText, outcome], [{ limit: 20 }, '{"limit": 20}', 'executed']);
  const builtin = remote({ typeModule: 'builtins', typeName: 'KeyError', message: '' });
  assert.equal(String(builtin), 'KeyError');
});

test('what a server puts into an exception ends nothing and loses no digit', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const hostile = remote({ args: deep, kwargs: `{"a": ${deep}}` });
  assert.equal(hostile.message, 'too many');
  assert.deepEqual([hostile.args, hostile.kwargs], [[], {}]);
  assert.equal(hostile.argsText, deep);
  assert.deepEqual(remote({ args: '[' }).args, []);
  assert.deepEqual(remote({ args: '[12345678901234567890]' }).args, [12345678901234567890n]);
});

test('an exception can be made by hand', () => {
  const error = new errors.RemoteError({ typeName: 'ValueError', message: 'no', args: [7n] });
  assert.deepEqual([error.typeModule, error.argsText, error.kwargsText], ['builtins', '[7]', '{}']);
});

test('every case has a class, and says what became of the request', () => {
  const message = 'm';
  const check = (error, type, outcome) => {
    assert.equal(error.constructor, type);
    assert.equal(error.name, type.name);
    assert.equal(error.message, 'm');
    assert.equal(error.outcome, outcome);
    assert.equal(errors.outcomeOf(error), outcome);
  };
  const timeout = { message, waitingFor: 'reply', outcome: 'unknown', limit: 500_000_000n };
  check(from('timeout', timeout), errors.MessagingTimeout, 'unknown');
  assert.deepEqual([from('timeout', timeout).limit, from('timeout', timeout).waitingFor], [0.5, 'reply']);
  check(from('timeout', { ...timeout, outcome: 'not-executed' }), errors.MessagingTimeout, 'not-executed');
  check(from('delivery-failure', { message, outcome: 'unknown' }), errors.MessageDeliveryFailure, 'unknown');
  const nobody = from('no-such-target', { message, exchange: 'e', routingKey: 'k' });
  check(nobody, errors.NoSuchTarget, 'not-executed');
  assert.deepEqual([nobody.exchange, nobody.routingKey], ['e', 'k']);
  const cap = from('version-cap', { message, version: undefined, versionCap: '1.5' });
  check(cap, errors.RpcVersionCapError, 'not-executed');
  assert.deepEqual([cap.version, cap.versionCap], [null, '1.5']);
  check(from('invalid-target', { message }), errors.InvalidTarget, 'not-executed');
  check(from('access-denied', { message, rule: 'default' }), errors.AccessDenied, 'not-executed');
  check(from('limit-exceeded', { message, limit: 'clients' }), errors.LimitExceeded, 'not-executed');
  check(from('invalid-reply', { message }), errors.InvalidReply, 'executed');
  for (const outcome of ['not-executed', 'unknown', 'executed']) {
    check(from('other', { message, outcome }), errors.OtherError, outcome);
  }
  const argument = from('invalid-argument', { message, argument: 'version-cap' });
  check(argument, errors.InvalidArgument, 'not-executed');
  assert.equal(argument.argument, 'versionCap');
});

test('what the host did not say stays as it is, and has no outcome', () => {
  const own = new RangeError('mine');
  assert.equal(errors.fromHost(own), own);
  assert.equal(errors.outcomeOf(own), null);
  assert.equal(errors.outcomeOf(undefined), null);
  const strange = errors.fromHost('nonsense');
  assert.equal(strange.message, 'the host said nonsense');
  assert.equal(errors.outcomeOf(strange), null);
});
