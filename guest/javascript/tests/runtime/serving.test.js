/** What the host calls of a plugin that serves, and of one that handles notifications, as they are built. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, afterEach, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { bundle } from '../../tools/bundle.js';
import { Resource } from './fakes/resource.js';
import { printed } from './fakes/stderr.js';

const sdk = fileURLToPath(new URL('../..', import.meta.url));
const tools = process.env.OSLO_TEST_TOOLS ?? path.join(sdk, '../../target/guests/tools/javascript');
const esbuild = createRequire(path.join(tools, 'tools.js'))('esbuild');
const folder = mkdtempSync(path.join(tmpdir(), 'serving-'));
const Native = globalThis.Promise;
let count = 0;

after(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  globalThis.Promise = Native;
  assert.equal(Resource.open, 0, 'something was left open');
});

/** A plugin as the host sees it. */
async function built(text) {
  count += 1;
  const plugin = path.join(folder, `plugin-${count}.js`);
  writeFileSync(plugin, text);
  const made = await bundle({ esbuild, sdk, plugin });
  const file = path.join(folder, `bundle-${count}.mjs`);
  writeFileSync(file, made.text);
  return { ...await import(pathToFileURL(file).href), exports: made.exports };
}

const request = (method, args = '{}', rest = {}) => new Resource({
  endpoint: 0, method, args, context: '{"user": "me"}', namespace: null, version: '1.0',
  callMonitorTimeout: 2_500_000_000, messageId: 'id', servedBy: { exchange: 'e', topic: 't', server: 's' },
  ...rest,
});

const serving = await built(`
  import { Exception, takes } from 'oslo-messaging-guest';
  const methods = {
    target: { namespace: 'ns', version: '1.5' },
    about: (context, args, about) => ({ context, args, about }),
    later: async () => new Promise((resolve) => setTimeout(() => resolve('late'), 20)),
    add: takes('a')((_, { a }) => a),
    nothing() {},
    refuses: () => { throw new Exception({ typeName: 'KeyError', message: 'no' }); },
    forgets: async () => {
      Promise.reject(new RangeError('forgotten'));
      return new Promise((resolve) => setTimeout(resolve, 1));
    },
    never: () => new Promise(() => {}),
    hostile: () => { throw Proxy.revocable({}, {}).proxy; },
    promised: () => ({ value: Promise.resolve(1) }),
  };
  let made = 0;
  export const endpoints = () => {
    made += 1;
    return [{ ...methods, made: () => made }];
  };
`);

test('endpoints are described, and made once', () => {
  assert.deepEqual(serving.exports, ['oslo:messaging/rpc-endpoint@0.1.0']);
  const [{ methods, ...rest }] = serving.rpcEndpoint.endpoints();
  assert.deepEqual(rest, { namespace: 'ns', version: '1.5', legacyNamespaces: [] });
  assert.equal(methods.length, 10);
  assert.equal(serving.rpcEndpoint.handle(request('made')), '1');
});

test('a method is waited for, and knows its request', () => {
  const { handle } = serving.rpcEndpoint;
  assert.equal(handle(request('later')), '"late"');
  assert.equal(handle(request('nothing')), 'null');
  assert.equal(handle(request('add', '{"a": 9007199254740993}')), '9007199254740993');
  assert.deepEqual(JSON.parse(handle(request('about', '{"a": 1}'))), {
    context: { user: 'me' },
    args: { a: 1 },
    about: {
      method: 'about', namespace: null, version: '1.0', callMonitorTimeout: 2.5, messageId: 'id',
      servedBy: { exchange: 'e', topic: 't', server: 's' }, argsText: '{"a": 1}',
      contextText: '{"user": "me"}',
    },
  });
});

test('whatever goes wrong is an exception, and the instance goes on', () => {
  const { handle } = serving.rpcEndpoint;
  const deep = `${'['.repeat(2000)}${']'.repeat(2000)}`;
  for (const [asked, typeName, message] of [
    [request('nope'), 'RuntimeError', 'there is no endpoint 0 with a method `nope`'],
    [request('about', '{}', { endpoint: 3 }), 'RuntimeError', 'there is no endpoint 3'],
    [request('about', '{'), 'ValueError', 'about(): its arguments cannot be read'],
    [request('about', '[1]'), 'TypeError', 'about(): its arguments must be an object, not an array'],
    [request('about', deep), 'ValueError', 'about(): its arguments cannot be read: it is nested more than'],
    [request('add'), 'TypeError', "add() missing a required argument: 'a'"],
    [request('refuses'), 'KeyError', 'no'],
    [request('forgets'), 'ValueError', 'forgotten'],
    [request('never'), 'RuntimeError', '`never` waits for a promise that nothing will settle'],
    [request('hostile'), 'RuntimeError', ''],
    [request('promised'), 'ValueError', 'promised(): `result.value` is a Promise'],
  ]) {
    assert.throws(() => handle(asked), (raised) => {
      assert.deepEqual([raised.typeName, raised.typeModule], [typeName, 'builtins'], raised.message);
      assert.ok(raised.message.startsWith(message), raised.message);
      assert.ok(Array.isArray(JSON.parse(raised.args)));
      return true;
    });
    assert.equal(handle(request('nothing')), 'null');
  }
});

test('a notification is handled, or comes again', async () => {
  const { notificationEndpoint, exports } = await built(`
    import { openNotifier } from 'oslo-messaging-guest';
    export const notificationEndpoint = {
      filterRule: { eventType: 'made', context: { user: 'm' } },
      async info({ payload, context, redelivered }) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (payload.text !== undefined) {
          throw new RangeError(payload.text + context.user + redelivered);
        }
      },
      error: () => 'requeue',
      warn({ payload }) {
        const error = new Error('around');
        error.cause = error;
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        throw { cycle: error, proxy, json: { toJSON() { throw error; } } }[payload.throws];
      },
      sample: async () => ({ done: true }),
    };
  `);
  assert.deepEqual(exports, ['oslo:messaging/notification-endpoint@0.1.0']);
  assert.deepEqual(notificationEndpoint.filterRule().said, [
    ['addPriority', 'info'], ['addPriority', 'warn'], ['addPriority', 'error'], ['addPriority', 'sample'],
    ['setEventType', 'made'], ['addContext', 'user', 'm'],
  ]);
  const notification = (priority, payload = '{}') => new Resource({
    priority, payload, context: '{"user": "me"}', publisherId: 'p', eventType: null, messageId: null,
    timestamp: null, redelivered: false,
  });
  const again = (...parts) => {
    try {
      notificationEndpoint.handle(notification(...parts));
      return false;
    } catch (error) {
      // Of any other value the engine would make a trap.
      assert.equal(error, undefined);
      return true;
    }
  };
  printed.length = 0;
  assert.deepEqual([again('info'), again('error'), printed.join('')], [false, true, '']);
  assert.deepEqual([again('info', '{"text": "no"}'), again('debug'), again('info', '{')], [true, true, true]);
  assert.match(printed.join(''), /^a notification was not handled: RangeError: nomefalse/);
  assert.match(printed.join(''), /has no method debug/);
  for (const [throws, said] of [
    ['cycle', /: Error: around\n[^]*caused by one of the errors above\n$/],
    ['proxy', /: something that cannot be shown\n$/], ['json', /: something that cannot be shown\n$/],
  ]) {
    printed.length = 0;
    assert.equal(again('warn', JSON.stringify({ throws })), true);
    assert.match(printed.join(''), said);
  }
  printed.length = 0;
  assert.equal(again('sample'), false);
  assert.match(printed.join(''), /^sample\(\) of `notificationEndpoint` returned an Object, which says nothing: only/);
});

test('a program ends with the exit code 1 whatever it throws', async () => {
  for (const [thrown, said] of [
    ['Object.assign(new Error("e"), { cause: Proxy.revocable({}, {}).proxy })', /^Uncaught Error: e\n[^]*caused by \{\}/],
    ['revoked', /^Uncaught something that cannot be shown\n$/],
    ['cycle', /^Uncaught Error: around\n[^]*caused by one of the errors above\n$/],
    ['{ toJSON() { throw 1; } }', /^Uncaught something that cannot be shown\n$/],
  ]) {
    globalThis.Promise = Native;
    const { run } = await built(`
      export function main() {
        const cycle = new Error('around');
        cycle.cause = cycle;
        const { proxy: revoked, revoke } = Proxy.revocable({}, {});
        revoke();
        throw ${thrown};
      }
    `);
    printed.length = 0;
    // Of any other value the engine would make a trap.
    assert.throws(() => run.run(), (error) => error === undefined);
    assert.match(printed.join(''), said);
  }
});

test('what no host can use is printed and thrown', async () => {
  printed.length = 0;
  const { rpcEndpoint, notificationEndpoint, exports } = await built(
    'export const endpoints = 7; export const notificationEndpoint = {};',
  );
  assert.equal(exports.length, 2);
  assert.throws(() => rpcEndpoint.endpoints(), TypeError);
  assert.throws(() => notificationEndpoint.filterRule(), TypeError);
  assert.match(printed.join(''), /^cannot use `endpoints` of the plugin: TypeError: `endpoints`/);
  assert.match(printed.join(''), /cannot use `notificationEndpoint` of the plugin: TypeError: .*handles nothing/);
});
