/** Notifications that a plugin sends, and those that it handles. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { InvalidArgument, JsonText, LimitExceeded, openNotifier } from 'oslo-messaging-guest';
import { grantTransport, handleWith } from 'oslo-messaging-guest/testing';

test('a notification has its priority, publisher, event, context and payload', async () => {
  const { notifications } = grantTransport({});
  const notifier = openNotifier('compute.host-1');
  for (const priority of ['audit', 'debug', 'info', 'warn', 'error', 'critical', 'sample']) {
    await notifier[priority]({ user: 'me' }, `made.${priority}`, { big: 2n ** 70n });
  }
  await notifier.notify('info', undefined, 'bare');
  await notifier.info({}, 'text', new JsonText('[1]'));
  await openNotifier(null, { topics: ['a', 'b'], timeout: 5, retry: 0 }).info({}, 'others', 7);
  assert.deepEqual(notifications[2], {
    topics: ['notifications'], priority: 'info', publisherId: 'compute.host-1', eventType: 'made.info',
    context: { user: 'me' }, payload: { big: 2n ** 70n },
  });
  assert.deepEqual(notifications.slice(7).map(({ eventType, payload, topics, publisherId }) => (
    [eventType, payload, topics.join(), publisherId]
  )), [
    ['bare', null, 'notifications', 'compute.host-1'], ['text', [1], 'notifications', 'compute.host-1'],
    ['others', 7, 'a,b', null],
  ]);
  assert.deepEqual([notifier.transport, notifier.publisherId, notifier.topics], [
    'default', 'compute.host-1', ['notifications'],
  ]);
  notifier[Symbol.dispose]();
  notifier[Symbol.dispose]();
  const disposed = { name: 'InvalidArgument', argument: 'notifier', message: /this notifier was disposed of/ };
  await assert.rejects(notifier.info({}, 'late'), disposed);
  for (const use of [() => notifier.transport, () => notifier.publisherId, () => notifier.topics]) {
    assert.throws(use, disposed);
  }
});

test('what cannot be sent is named', async () => {
  const { notifications } = grantTransport({});
  const notifier = openNotifier('p');
  for (const [argument, message, ...given] of [
    ['priority', /no priority "warned"; did you mean `warn`/, 'warned', {}, 'e', {}],
    ['priority', /no priority 7; there are audit/, 7, {}, 'e', {}],
    ['context', /`context` must be an object, not an array/, 'info', [], 'e', {}],
    ['eventType', /`eventType` must be a string, not undefined/, 'info', {}, undefined, {}],
    ['eventType', /half of a surrogate pair/, 'info', {}, '\ud800', {}],
    ['payload', /`payload.a` is NaN/, 'info', {}, 'e', { a: NaN }],
    ['payload', /`payload` is a Promise/, 'info', {}, 'e', Promise.resolve(1)],
    ['payload', /`payload` is a function/, 'info', {}, 'e', () => 1],
    ['payload', /not JSON/, 'info', {}, 'e', new JsonText('{')],
  ]) {
    await assert.rejects(notifier.notify(...given), (error) => {
      assert.ok(error instanceof InvalidArgument, `${error.stack}`);
      assert.deepEqual([error.argument, error.outcome], [argument, 'not-executed']);
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(notifier.info({}, 'e', 'x'.repeat(2 ** 24)), LimitExceeded);
  assert.deepEqual(notifications, []);
  for (const [options, message] of [
    [{ topic: 't' }, /no option `topic`; did you mean `topics`/], [{ topics: 't' }, /array of strings/],
    [{ topics: [] }, /one topic or more/], [{ topics: [7] }, /must be a string, not 7/],
    [{ timeout: -1 }, /must be seconds/], [{ versionCap: '1.0' }, /no option `versionCap`/],
    [{ transport: 'other' }, /no transport `other` is granted/],
  ]) {
    assert.throws(() => openNotifier('p', options), message);
  }
  assert.throws(() => openNotifier(7), /`publisherId` must be a string/);
});

test('an endpoint gets what it has methods for and its filter lets through', async (t) => {
  const got = [];
  class Audit {
    filterRule = {
      publisherId: 'compute\\.', eventType: 'made', context: { user: 'm' }, payload: { id: '7' },
      metadata: { timestamp: '2026' },
    };

    info(notification) {
      got.push(notification);
    }

    async error() {
      return 'requeue';
    }

    warn() {
      throw new RangeError('no');
    }

    sample() {
      return true;
    }

    critical() {
      return { get constructor() { throw new Error('no'); } };
    }

    audit = () => null;
  }
  const listener = handleWith(new Audit());
  const told = { publisherId: 'compute.host-1', context: { user: 'me' } };
  const notify = (priority, event = 'made.it', payload = { id: '7' }, options = {}) => (
    listener.notify(priority, event, payload, { ...told, ...options })
  );
  assert.equal(await notify('info'), 'handled');
  assert.equal(await notify('error'), 'requeue');
  assert.equal(await notify('debug'), 'filtered');
  assert.equal(await notify('info', 'not made'), 'filtered');
  assert.equal(await notify('info', 'made', { id: 7 }), 'filtered');
  assert.equal(await notify('info', 'made', null), 'filtered');
  assert.equal(await notify('info', 'made', { id: '7' }, { context: {} }), 'filtered');
  assert.equal(await notify('info', 'made', { id: '7' }, { timestamp: null }), 'filtered');
  await assert.rejects(notify('warn'), RangeError);
  const bare = [];
  await handleWith({ info({ payload }) { bare.push(payload); } }).notify('info', 'made');
  assert.deepEqual(bare, [null]);
  const { mock: said } = t.mock.method(console, 'error', () => {});
  assert.equal(await notify('sample'), 'handled');
  assert.match(said.calls[0].arguments[0], /^sample\(\) of `notificationEndpoint` returned true, which says nothing/);
  assert.equal(await notify('critical'), 'handled');
  assert.match(said.calls[1].arguments[0], /returned an object that cannot be read, which/);
  assert.equal(await notify('audit'), 'handled');
  assert.equal(said.calls.length, 2);
  assert.deepEqual(got, [{
    priority: 'info', publisherId: 'compute.host-1', eventType: 'made.it', messageId: 'message-1',
    timestamp: '2026-01-02 03:04:05.000600', redelivered: false, context: { user: 'me' }, payload: { id: '7' },
    payloadText: '{"id":"7"}',
  }]);
});

test('what is no endpoint is named', () => {
  for (const [endpoint, message] of [
    [undefined, /must be an object with a method for each priority that it wants, not undefined/],
    [class {}, /an instance of a class is an endpoint/], [{ warning() {} }, /handles nothing/],
    [{ info() {}, filterRule: 'x' }, /`filterRule` must be an object/],
    [{ info() {}, filterRule: { event: 'x' } }, /no `event`; there are/],
    [{ info() {}, filterRule: { eventtype: 'x' } }, /did you mean `eventType`/],
    [{ info() {}, filterRule: { eventType: /x/ } }, /must be a string: the host matches it/],
    [{ info() {}, filterRule: { payload: 'x' } }, /object of names and texts/],
    [{ info() {}, filterRule: { payload: { id: 7 } } }, /payload.id` must be a string, not 7/],
  ]) {
    assert.throws(() => handleWith(endpoint), message);
  }
});
