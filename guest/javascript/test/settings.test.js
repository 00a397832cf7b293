import assert from 'node:assert/strict';
import { test } from 'node:test';

import { InvalidArgument } from '../src/errors.js';
import { clientSettings, hostTarget, settings } from '../src/settings.js';

function refused(action, message) {
  assert.throws(action, (error) => {
    assert.ok(error instanceof InvalidArgument, String(error));
    assert.match(error.message, message);
    return true;
  });
}

test('a setting is absent, none or a value', () => {
  assert.deepEqual(settings({}), []);
  assert.deepEqual(settings({ timeout: undefined }), []);
  assert.deepEqual(settings({ timeout: null, versionCap: '1.5', callMonitorTimeout: 2.5 }), [
    { tag: 'timeout', val: null },
    { tag: 'version-cap', val: '1.5' },
    { tag: 'call-monitor-timeout', val: 2_500_000_000 },
  ]);
});

test('every setting has its name in WIT', () => {
  const all = {
    exchange: 'e', topic: 't', namespace: 'n', version: '1.0', server: 's', fanout: true,
    timeout: 1, versionCap: '1.0', retry: 0, callMonitorTimeout: 2, atLeastOnce: false,
  };
  assert.deepEqual(settings(all).map(({ tag }) => tag), [
    'exchange', 'topic', 'namespace', 'version', 'server', 'fanout',
    'timeout', 'version-cap', 'retry', 'call-monitor-timeout', 'at-least-once',
  ]);
});

test('nanoseconds are whole', () => {
  for (const [seconds, nanoseconds] of [[0, 0], [0.3, 300_000_000], [1e-9, 1], [60, 6e10]]) {
    assert.deepEqual(settings({ timeout: seconds }), [{ tag: 'timeout', val: nanoseconds }]);
  }
});

test('what is wrong is named', () => {
  refused(() => settings({ timeuot: 1 }), /no setting `timeuot`; did you mean `timeout`/);
  refused(() => settings({ version_cap: '1.0' }), /did you mean `versionCap`/);
  refused(() => settings({ colour: 'red' }), /there are exchange, topic/);
  refused(() => settings({ timeout: -1 }), /`timeout` must be seconds/);
  refused(() => settings({ timeout: Infinity }), /not Infinity/);
  refused(() => settings({ timeout: 1n }), /`timeout` must be seconds/);
  refused(() => settings({ retry: 1.5 }), /`retry` must be a whole number/);
  refused(() => settings({ fanout: 'yes' }), /`fanout` must be true or false/);
  refused(() => settings([]), /must be an object, not an array/);
  refused(() => clientSettings({ server: 's' }), /no option `server`/);
  refused(() => clientSettings({ transport: 7 }), /`transport` must be a string/);
});

test('a target has all its fields', () => {
  assert.deepEqual(hostTarget({ topic: 'demo' }), {
    exchange: null, topic: 'demo', namespace: null, version: null, server: null, fanout: false,
  });
  refused(() => hostTarget({ topik: 'demo' }), /did you mean `topic`/);
  refused(() => hostTarget('demo'), /target must be an object, not "demo"/);
});

test('a client has a transport and defaults', () => {
  assert.deepEqual(clientSettings({}), { transport: 'default', settings: [] });
  assert.deepEqual(clientSettings({ transport: 'other', retry: 0 }), {
    transport: 'other', settings: [{ tag: 'retry', val: 0 }],
  });
});
