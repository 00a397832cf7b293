/** The client over the host of tests, as a plugin's own tests use it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  InvalidArgument, InvalidReply, InvalidTarget, JsonText, limits, MessageDeliveryFailure,
  MessagingTimeout, openClient, outcomeOf, remaining, RemoteError, RpcVersionCapError, transports,
} from 'oslo-messaging-guest';
import { after, grantTransport } from 'oslo-messaging-guest/testing';

const demo = { topic: 'demo', version: '1.5' };

test('a call has a promise for its result, and a cast one for the broker', async () => {
  const { sent } = grantTransport({ add: ({ a, b }) => a + b, nothing: () => {} });
  const client = openClient(demo, { timeout: 5 });
  const call = client.call({ user: 'me' }, 'add', { a: 2, b: 3 });
  assert.ok(call instanceof Promise);
  assert.equal(await call, 5);
  assert.equal(await client.cast({}, 'nothing', undefined, { fanout: true, timeout: 1 }), undefined);
  assert.equal(await client.call(undefined, 'nothing'), null);
  assert.deepEqual(sent.slice(0, 2), [
    {
      verb: 'call', method: 'add', context: { user: 'me' }, args: { a: 2, b: 3 }, timeout: 5,
      target: {
        exchange: null, topic: 'demo', namespace: null, version: '1.5', server: null, fanout: false,
      },
    },
    {
      verb: 'cast', method: 'nothing', context: {}, args: {}, timeout: 1,
      target: {
        exchange: null, topic: 'demo', namespace: null, version: '1.5', server: null, fanout: true,
      },
    },
  ]);
});

test('calls are in flight together, and the early come early', async () => {
  grantTransport({
    slow: after(0.2, ({ value }) => value), fast: ({ value }) => value,
    fails: after(0.05, () => { throw new RangeError('no'); }),
  });
  const client = openClient(demo);
  const order = [];
  const call = async (method, value) => order.push(await client.call({}, method, { value }));
  const start = performance.now();
  await Promise.all([call('slow', 1), call('fast', 2), call('slow', 3), call('fast', 4)]);
  assert.ok(performance.now() - start < 390);
  assert.deepEqual(order, [2, 4, 1, 3]);
  const race = [client.call({}, 'slow', { value: 5 }), client.call({}, 'fast', { value: 6 })];
  assert.equal(await Promise.race(race), 6);
  const any = [client.call({}, 'fails'), client.call({}, 'slow', { value: 7 })];
  assert.equal(await Promise.any(any), 7);
  await Promise.all(race);
});

test('what is wrong is a rejection, and says whether it was executed', async () => {
  grantTransport({
    raises: () => { throw new RemoteError({ typeName: 'Busy', typeModule: 'nova', message: 'm', args: [2n ** 60n] }); },
    throws: async () => { throw new TypeError('mine'); },
    lost: () => { throw new MessageDeliveryFailure({ outcome: 'unknown', message: 'broken' }); },
    slow: after(9, () => 1), late: () => new Promise(() => {}), wrong: () => () => {},
    long: () => 'x'.repeat(100),
  });
  const client = openClient(demo, { timeout: 0.05 });
  const fails = (promise, type, outcome, details = {}) => assert.rejects(promise, (error) => {
    assert.ok(error instanceof type, `${error}`);
    assert.equal(outcomeOf(error), outcome);
    for (const [name, value] of Object.entries(details)) {
      assert.deepEqual(error[name], value);
    }
    return true;
  });
  const busy = { typeName: 'Busy', typeModule: 'nova', message: 'm', args: [2n ** 60n] };
  await fails(client.call({}, 'raises'), RemoteError, 'executed', busy);
  await fails(client.call({}, 'throws'), RemoteError, 'executed', { typeName: 'TypeError', args: ['mine'] });
  await fails(client.call({}, 'absent'), RemoteError, 'executed', { typeName: 'NoSuchMethod' });
  await fails(client.call({}, 'lost'), MessageDeliveryFailure, 'unknown');
  await fails(client.cast({}, 'lost'), MessageDeliveryFailure, 'unknown');
  await fails(client.call({}, 'slow'), MessagingTimeout, 'unknown', { limit: 0.05, waitingFor: 'reply' });
  await fails(client.call({}, 'late'), MessagingTimeout, 'unknown');
  await fails(client.call({}, 'raises', {}, { fanout: true }), InvalidTarget, 'not-executed');
  await fails(client.call({}, 'raises', {}, { topic: null }), InvalidTarget, 'not-executed');
  await fails(client.call({}, 'raises', {}, { versionCap: '1.4' }), RpcVersionCapError, 'not-executed');
  await fails(client.call({}, 'raises', {}, { version: 'x' }), InvalidArgument, 'not-executed', { argument: 'version' });
  await fails(client.call({}, 'raises', {}, { timeuot: 1 }), InvalidArgument, 'not-executed');
  await fails(client.call({}, 'raises', [1]), InvalidArgument, 'not-executed', { argument: 'args' });
  await fails(client.call({}, 'raises', new JsonText('{')), InvalidArgument, 'not-executed', { argument: 'args' });
  await fails(client.call({}, 'long', {}, { replyBytes: 99 }), InvalidReply, 'executed');
  assert.equal(await client.cast({}, 'raises'), undefined);
  await assert.rejects(client.call({}, 'wrong'), /`wrong` of the test gives what JSON cannot carry/);
  assert.throws(() => openClient(demo, { transport: 'other' }), /no transport `other` is granted/);
});

test('the reply is what was asked for', async () => {
  grantTransport({ echo: ({ value }) => value });
  const client = openClient(demo);
  const number = (reply) => {
    if (typeof reply !== 'number') {
      throw new TypeError(`${reply} is no number`);
    }
    return reply;
  };
  assert.equal(await client.call({}, 'echo', { value: 7 }, { reply: number }), 7);
  assert.equal(client.callSync({}, 'echo', { value: 7 }, { reply: number }), 7);
  await assert.rejects(client.call({}, 'echo', { value: 'x' }, { reply: number }), (error) => {
    assert.ok(error instanceof InvalidReply && error.cause instanceof TypeError);
    assert.match(error.message, /does not fit what was asked for: x is no number/);
    return error.outcome === 'executed';
  });
  assert.equal(await client.callText({}, 'echo', { value: [2n ** 70n] }), '[1180591620717411303424]');
  assert.deepEqual(await client.call({}, 'echo', { value: [2n ** 70n] }), [2n ** 70n]);
});

test('a signal cancels', async () => {
  const { sent } = grantTransport({ slow: after(5, () => 1), fast: () => 2 });
  const client = openClient(demo);
  const controller = new AbortController();
  const call = client.call({}, 'slow', {}, { signal: controller.signal });
  const why = new Error('enough');
  controller.abort(why);
  await assert.rejects(call, (error) => error === why);
  await assert.rejects(client.cast({}, 'fast', {}, { signal: controller.signal }), why);
  assert.deepEqual(sent, []);
  const late = new AbortController();
  assert.equal(await client.call({}, 'fast', {}, { signal: late.signal }), 2);
  late.abort();
  await assert.rejects(
    client.call({}, 'slow', {}, { signal: AbortSignal.timeout(20) }), { name: 'TimeoutError' },
  );
});

test('who wants to can wait', () => {
  grantTransport({
    echo: ({ value }) => value, no: () => { throw new Error('no'); },
    slow: after(0.1, ({ value }) => value), promise: async () => 1,
  });
  const client = openClient(demo);
  assert.equal(client.callSync({}, 'echo', { value: 'x' }), 'x');
  assert.equal(client.castSync({}, 'echo', { value: 'x' }), undefined);
  assert.throws(() => client.callSync({}, 'no'), RemoteError);
  assert.throws(() => client.callSync({}, 'promise'), /cannot be waited for by callSync/);
  const start = performance.now();
  const slow = (value) => ({ method: 'slow', args: { value } });
  const outcomes = client.callAllSync([slow(1), { method: 'no' }, slow(2), { method: 'echo', settings: { version: 'x' } }]);
  assert.ok(performance.now() - start < 190);
  assert.deepEqual(outcomes.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled', 'rejected']);
  assert.deepEqual([outcomes[0].value, outcomes[2].value], [1, 2]);
  assert.ok(outcomes[1].reason instanceof RemoteError);
  assert.ok(outcomes[3].reason instanceof InvalidArgument);
  const { sent } = grantTransport({ echo: ({ value }) => value });
  const echo = (value, its) => ({ method: 'echo', args: { value }, client: its });
  client.callAllSync([echo(1), echo(2, client.prepare({ server: 's' })), echo(3)]);
  const where = sent.map(({ args, target }) => [args.value, target.server]);
  assert.deepEqual(where, [[1, null], [2, 's'], [3, null]]);
  assert.throws(() => client.callAllSync([{ metod: 'echo' }]), /field of a request `metod`; did you mean `method`/);
  assert.throws(() => client.callAllSync(['echo']), /the request must be an object, not "echo"/);
  for (const wrong of [5, undefined, null, {}, 'ab', '']) {
    assert.throws(() => client.callAllSync(wrong), {
      name: 'InvalidArgument', argument: 'requests', message: /the requests must be an array or iterable, not /,
    });
  }
  assert.throws(() => client.callAllSync([echo(1, {})]), { name: 'InvalidArgument', argument: 'client' });
});

test('a client knows its terms', () => {
  grantTransport({}, { timeout: 30 });
  grantTransport({}, { name: 'other' })[Symbol.dispose]();
  const client = openClient(demo, { versionCap: '1.6', retry: 4_000_000_000, replyBytes: 1000 });
  assert.deepEqual(transports(), ['default']);
  const { transport, timeout, versionCap, retry, callMonitorTimeout, mandatory, replyBytes } = client;
  assert.deepEqual(
    [transport, timeout, versionCap, retry, callMonitorTimeout, mandatory, replyBytes],
    ['default', 30, '1.6', 4_000_000_000, null, null, 1000],
  );
  const prepared = client.prepare({ timeout: 2.5, server: 's', version: null }).prepare({ mandatory: false });
  assert.deepEqual([prepared.timeout, prepared.mandatory, client.timeout], [2.5, false, 30]);
  assert.deepEqual(prepared.target, {
    exchange: null, topic: 'demo', namespace: null, version: null, server: 's', fanout: false,
  });
  assert.deepEqual(['1.6', '1.7', '2.0', null].map((it) => client.canSendVersion(it)), [true, false, false, true]);
  assert.equal(remaining(), null);
  assert.equal(limits().pendingCalls, 1024);
  client[Symbol.dispose]();
});

test('what was disposed of says so, and twice does no harm', async () => {
  const { sent } = grantTransport({ echo: ({ value }) => value });
  const client = openClient(demo);
  const prepared = client.prepare({ timeout: 5 });
  client[Symbol.dispose]();
  client[Symbol.dispose]();
  const disposed = { name: 'InvalidArgument', argument: 'client', message: /this client was disposed of: open a new one/ };
  for (const use of [
    () => client.callSync({}, 'echo', { value: 1 }), () => client.castSync({}, 'echo'),
    () => client.callAllSync([{ method: 'echo' }]), () => client.prepare({ timeout: 5 }),
    () => client.canSendVersion('1.0'), () => client.transport, () => client.target, () => client.timeout,
    () => client.versionCap, () => client.retry, () => client.callMonitorTimeout, () => client.mandatory,
    () => client.replyBytes,
  ]) {
    assert.throws(use, disposed);
  }
  await assert.rejects(client.call({}, 'echo', { value: 1 }), disposed);
  await assert.rejects(client.callText({}, 'echo', { value: 1 }), disposed);
  await assert.rejects(client.cast({}, 'echo'), disposed);
  assert.deepEqual(sent, []);
  assert.equal(await prepared.call({}, 'echo', { value: 1 }), 1);
});

test('a transport that was taken back is not there', async () => {
  const transport = grantTransport({});
  const client = openClient(demo);
  transport[Symbol.dispose]();
  await assert.rejects(client.call({}, 'echo'), { name: 'AccessDenied', outcome: 'not-executed' });
});
