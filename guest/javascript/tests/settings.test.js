import assert from 'node:assert/strict';
import { test } from 'node:test';

import { InvalidArgument } from '../src/errors.js';
import { clientSettings, hostTarget, messageSettings, settings } from '../src/settings.js';

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
    ['setTimeout', null], ['setVersionCap', '1.5'], ['setCallMonitorTimeout', 2_500_000_000],
  ]);
});

test('every setting has its setter', () => {
  const all = {
    exchange: 'e', topic: 't', namespace: 'n', version: '1.0', server: 's', fanout: true,
    timeout: 1, versionCap: '1.0', retry: 0, callMonitorTimeout: 2, mandatory: false,
    replyBytes: 2 ** 40,
  };
  assert.deepEqual(settings(all), [
    ['setExchange', 'e'], ['setTopic', 't'], ['setNamespace', 'n'], ['setVersion', '1.0'],
    ['setServer', 's'], ['setFanout', true], ['setTimeout', 1e9], ['setVersionCap', '1.0'],
    ['setRetry', 0], ['setCallMonitorTimeout', 2e9], ['setMandatory', false],
    ['setReplyBytes', 2 ** 40],
  ]);
});

test('nanoseconds are whole', () => {
  for (const [seconds, nanoseconds] of [[0, 0], [0.3, 300_000_000], [1e-9, 1], [60, 6e10]]) {
    assert.deepEqual(settings({ timeout: seconds }), [['setTimeout', nanoseconds]]);
  }
});

test('32 bits are handed over as the toolchain takes them', () => {
  for (const [retry, taken] of [[0x7fff_ffff, 0x7fff_ffff], [0xffff_ffff, -1]]) {
    assert.deepEqual(settings({ retry }), [['setRetry', taken]]);
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
  refused(() => settings({ replyBytes: 2 ** 60 }), /`replyBytes` must be a whole number/);
  refused(() => settings({ atLeastOnce: true }), /there is no setting `atLeastOnce`/);
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
    transport: 'other', settings: [['setRetry', 0]],
  });
});

test('a message has settings and what the SDK does itself', () => {
  const { signal } = new AbortController();
  const reply = (value) => value;
  assert.deepEqual(messageSettings({ timeout: 1, signal, reply }, ['signal', 'reply']), {
    settings: [['setTimeout', 1e9]], signal, reply,
  });
  refused(() => messageSettings({ signal: 5 }, ['signal']), /must be an AbortSignal, not 5/);
  refused(() => messageSettings({ signal: { throwIfAborted() {} } }, ['signal']), /must be an AbortSignal, not/);
  refused(() => messageSettings({ reply: 5 }, ['reply']), /must be a function of the reply, not 5/);
  refused(() => messageSettings({ signal }, []), /there is no option `signal`/);
  refused(() => messageSettings({ singal: signal }, ['signal']), /did you mean `signal`/);
  refused(() => messageSettings({ timeuot: 1 }, ['signal']), /did you mean `timeout`/);
});
