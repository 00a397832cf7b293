/** Endpoints of a plugin, and what becomes of all that their methods return and throw. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  Exception, expectedExceptions, JsonText, MessagingTimeout, openClient, RemoteError, takes,
} from 'oslo-messaging-guest';
import { grantTransport, serveEndpoints } from 'oslo-messaging-guest/testing';

import { raised } from '../src/serving/exception.js';

const throwing = (thrown) => serveEndpoints([{ m() { throw thrown; } }]).call('m');
const returning = (result) => serveEndpoints([{ m: () => result }]).call('m');
async function remote(promise) {
  const error = await promise.then(() => assert.fail('it succeeded'), (it) => it);
  assert.ok(error instanceof RemoteError, `${error.stack}`);
  return error;
}

class Base {
  target = { version: '1.5' };

  base() {
    return 'base';
  }

  _hidden() {}

  get never() {
    throw new Error('a getter is not asked');
  }
}

class Derived extends Base {
  #secret = 7;

  field = () => this.#secret;

  async waits(context, { seconds }) {
    return openClient({ topic: 't' }).call(context, 'sleep', { seconds });
  }

  about(context, args, request) {
    return { context, args, request };
  }
}

test('methods of classes, their bases and fields are served, and nothing else is', async () => {
  const { sent } = grantTransport({ sleep: ({ seconds }) => seconds });
  const server = serveEndpoints(() => [new Derived()], { topic: 'compute', server: 'host-1' });
  assert.equal(await server.call('base'), 'base');
  assert.equal(await server.call('field'), 7);
  assert.equal(await server.call('waits', { seconds: 2 }, { context: { user: 'me' }, version: '1.2' }), 2);
  assert.deepEqual(sent[0].context, { user: 'me' });
  for (const name of ['_hidden', 'never', 'constructor', 'target', 'toString', 'hasOwnProperty', 'nope']) {
    assert.equal((await remote(server.call(name))).typeName, 'NoSuchMethod', name);
  }
  assert.equal((await remote(server.call('base', {}, { version: '1.6' }))).typeName, 'UnsupportedVersion');
  assert.equal((await remote(server.call('base', {}, { namespace: 'x' }))).typeName, 'UnsupportedVersion');
  const about = await server.call('about', { big: 2n ** 70n }, { callMonitorTimeout: 2.5 });
  assert.deepEqual(about.args, { big: 2n ** 70n });
  assert.deepEqual(about.request, {
    method: 'about', namespace: null, version: null, callMonitorTimeout: 2.5, messageId: 'message-13',
    servedBy: { exchange: 'openstack', topic: 'compute', server: 'host-1' },
    argsText: `{"big":${2n ** 70n}}`, contextText: '{}',
  });
});

test('namespaces and their former names choose the endpoint', async () => {
  const named = { target: { namespace: 'ns', legacyNamespaces: [null, 'old'], version: '2.1' }, m: () => 'named' };
  const server = serveEndpoints([{ m: () => 'first' }, named]);
  const call = (options) => server.call('m', {}, options);
  assert.equal(await call(), 'first');
  assert.equal(await call({ version: '2.0' }), 'named');
  assert.equal(await call({ version: '2.1', namespace: 'old' }), 'named');
  assert.equal(await call({ version: '2.1', namespace: 'ns' }), 'named');
});

test('results become JSON or an exception that says why not', async () => {
  assert.equal(await returning(undefined), null);
  assert.equal(await returning(2n ** 64n), 2n ** 64n);
  assert.deepEqual(await returning({ left: undefined, date: new Date(0) }), { date: '1970-01-01T00:00:00.000Z' });
  assert.equal(await returning('\ud83d'), '\ud83d');
  assert.equal(await returning(new JsonText('7.0')), 7);
  const cycle = {};
  cycle.self = cycle;
  const hostile = { get x() { throw new Error('no'); } };
  for (const [result, why] of [
    [{ a: [NaN] }, /`result.a.0` is NaN/], [() => 1, /`result` is a function/],
    [{ a: Promise.resolve(1) }, /`result.a` is a Promise/], [new Map(), /`result` is a Map/],
    [Symbol('s'), /Symbol\(s\)/], [cycle, /nested|circular/i], [hostile, /no/],
    [{ toJSON() { throw new Error('mine'); } }, /mine/],
  ]) {
    const error = await remote(returning(result));
    assert.deepEqual([error.typeModule, error.typeName], ['builtins', 'ValueError'], error.message);
    assert.match(error.message, /^m\(\): /);
    assert.match(error.message, why);
  }
});

test('an exception has its class, module, arguments and keyword arguments', async () => {
  const error = await remote(throwing(new Exception({
    typeName: 'QuotaExceeded', typeModule: 'nova.exception', message: 'too much', args: ['cores', 2n ** 60n],
    kwargs: { limit: 20 },
  })));
  assert.equal(String(error), 'nova.exception.QuotaExceeded: too much');
  assert.deepEqual([error.args, error.kwargs], [['cores', 2n ** 60n], { limit: 20 }]);
  const plain = await remote(throwing(new Exception({ typeName: 'KeyError', message: 'x' })));
  assert.deepEqual([plain.typeModule, plain.args, plain.kwargs], ['builtins', ['x'], {}]);
});

test('errors are what a Python server would have raised', async () => {
  const remoteError = new RemoteError({ typeName: 'X', typeModule: 'y', message: 'z', argsText: '[1.0]', args: [1] });
  const late = new MessagingTimeout({ waitingFor: 'reply', outcome: 'unknown', limit: 1, message: 'late' });
  for (const [thrown, type, text] of [
    [new TypeError('a'), 'builtins.TypeError', '["a"]'], [new RangeError('b'), 'builtins.ValueError', '["b"]'],
    [new Error('c'), 'builtins.RuntimeError', '["c"]'], [remoteError, 'y.X', '[1.0]'],
    [late, 'oslo_messaging.exceptions.MessagingTimeout', '["late"]'],
    [undefined, 'builtins.RuntimeError', '["it threw undefined"]'],
    ['text', 'builtins.RuntimeError', '["it threw \\"text\\""]'],
  ]) {
    const error = await remote(throwing(thrown));
    assert.deepEqual([`${error.typeModule}.${error.typeName}`, error.argsText], [type, text]);
  }
});

test('whatever is thrown is an exception', async () => {
  const getters = Object.create(Error.prototype, {
    message: { get() { throw new Error('no message'); } }, stack: { get() { throw new Error('no stack'); } },
  });
  const half = new Exception({ typeName: 'A\ud800', message: 'half \udc00', args: [() => 1], kwargs: { x: NaN } });
  const odd = new Exception({ typeName: 7, typeModule: null, message: 'm', args: 'text', kwargs: [] });
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  for (const thrown of [getters, half, odd, revoked.proxy, Object.create(null), Symbol('s'), 1n, null]) {
    const error = await remote(throwing(thrown));
    for (const text of [error.typeName, error.typeModule, error.message, error.argsText, ...error.traceback]) {
      assert.ok(text.isWellFormed());
    }
  }
  const { args, kwargs, traceback } = raised(half);
  assert.deepEqual([args, kwargs], ['["half �"]', '{}']);
  assert.match(traceback[0], /without its `args`: `args.0` is a function/);
  assert.match(traceback[1], /without its `kwargs`: `kwargs.x` is NaN/);
});

test('arguments and keyword arguments of an exception are an array and an object', () => {
  const told = (details) => raised(new Exception({ typeName: 'X', message: 'm', ...details }));
  class Sorted extends Map {
    toJSON() {
      return Object.fromEntries(this);
    }
  }
  for (const [kwargs, text] of [
    [{ a: 1n }, '{"a":1}'], [new JsonText(' {"a": 1.0}'), ' {"a": 1.0}'], [new Sorted([['a', 1]]), '{"a":1}'],
    [Object.create(null), '{}'], [null, '{}'],
  ]) {
    const { kwargs: got, traceback } = told({ kwargs });
    assert.equal(got, text);
    assert.ok(!/left out|without/.test(traceback[0]), traceback[0]);
  }
  for (const kwargs of [
    'text', 'half \ud800', 7, true, new Date(0), [], new JsonText('[1]'), new JsonText('7'), new JsonText('{'),
    () => 1, Symbol('s'), new Map(),
  ]) {
    const { kwargs: got, args, traceback } = told({ kwargs });
    assert.deepEqual([got, args], ['{}', '["m"]']);
    assert.match(traceback[0], /`kwargs`.*\n$/);
  }
  for (const args of ['text', 7, {}, new Date(0), new JsonText('{}'), new JsonText('['), new Set([1])]) {
    const { args: got, kwargs, traceback } = told({ args });
    assert.deepEqual([got, kwargs], ['["m"]', '{}']);
    assert.match(traceback[0], /`args`.*\n$/);
  }
  assert.equal(told({ args: new JsonText('[1.0]') }).args, '[1.0]');
  const torn = raised(new RemoteError({
    typeName: 'X', message: 'm', argsText: '["\ud800"]', kwargsText: '{"\udc00": 1}',
  }));
  assert.deepEqual([torn.args, torn.kwargs], ['["\ufffd"]', '{"\ufffd": 1}']);
});

test('arguments that do not fit are a TypeError', async () => {
  const parse = ({ n }) => {
    if (typeof n !== 'number') {
      throw new Error('n is no number');
    }
    return n;
  };
  const server = serveEndpoints([{
    add: takes('a', 'b', 'unit?')((_, { a, b, unit = '' }) => `${a + b}${unit}`),
    twice: takes(parse)((_, n) => 2 * n),
  }]);
  assert.equal(await server.call('add', { a: 1, b: 2 }), '3');
  assert.equal(await server.call('add', { a: 1, b: 2, unit: 's' }), '3s');
  assert.equal(await server.call('twice', { n: 2 }), 4);
  for (const [method, args, message] of [
    ['add', { a: 1 }, "add() missing a required argument: 'b'"],
    ['add', { a: 1, b: 2, c: 3 }, "add() got an unexpected keyword argument 'c'"],
    ['add', new JsonText('{"a": 1, "__proto__": 2}'), "add() missing a required argument: 'b'"],
    ['twice', {}, 'twice(): n is no number'],
  ]) {
    const error = await remote(server.call(method, args));
    assert.deepEqual([error.typeName, error.message], ['TypeError', message]);
  }
  assert.throws(() => takes('a', () => 1), TypeError);
  assert.throws(() => takes('a')(7), /wants a method, not 7/);
});

test('expected exceptions are marked, and have no traceback', async () => {
  class Missing extends Exception {
    constructor() {
      super({ typeName: 'LookupError', message: 'no such thing' });
    }
  }
  const expecting = expectedExceptions(Missing, RangeError);
  const ends = [];
  const methods = {
    at_once: expecting(() => { throw new Missing(); }),
    later: expecting(async () => { throw new RangeError('r'); }),
    other: expecting(() => { throw new TypeError('t'); }),
    itself: () => { throw new Exception({ typeName: 'X', expected: true }); },
  };
  for (const method of Object.values(methods)) {
    const thrown = await (async () => method({}, {}, {}))().catch((it) => it);
    const { typeName, expected, traceback } = raised(thrown);
    assert.ok(traceback.every((line) => /^[^\n]+\n$/.test(line)), traceback.join('|'));
    ends.push([typeName, expected, traceback.length > 0]);
  }
  assert.deepEqual(ends, [
    ['LookupError', true, false], ['ValueError', true, false], ['TypeError', false, true], ['X', true, false],
  ]);
  assert.throws(() => expectedExceptions('LookupError'), /classes of errors, not "LookupError"/);
});

test('what is no endpoint is named', () => {
  for (const [endpoints, message] of [
    [undefined, /`endpoints` of the plugin must be or return an array, not undefined/],
    [{ m() {} }, /an array, not an Object/],
    [[Derived], /`endpoints\[0\]` is a function: an instance of a class/],
    [[{}, null], /`endpoints\[1\]` must be an object with methods, not null/],
    [[{ target: 'ns' }], /`endpoints\[0\].target` is for namespace and version/],
    [[{ target: { versoin: '1.0' } }], /has no `versoin`; did you mean `version`/],
    [[{ target: { version: 1.5 } }], /version` must be a string, not 1.5/],
    [[{ target: { version: '1' } }], /`major.minor`, not `1`/],
    [[{ target: { legacyNamespaces: 'old' } }], /must be an array, not "old"/],
  ]) {
    assert.throws(() => serveEndpoints(endpoints), message);
  }
});
