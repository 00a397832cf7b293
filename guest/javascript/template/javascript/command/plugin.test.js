import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MessagingTimeout } from 'oslo-messaging-guest';
import { grantTransport } from 'oslo-messaging-guest/testing';

import { main } from './plugin.js';

test('it calls the server', async () => {
  const { sent } = grantTransport({ echo: ({ value }) => value });
  assert.equal(await main(['world']), 0);
  assert.deepEqual(sent.map(({ method, args }) => [method, args]), [['echo', { value: 'world' }]]);
});

test('it says when the server is late', async () => {
  const late = { waitingFor: 'reply', outcome: 'unknown', limit: 10, message: 'no reply' };
  grantTransport({ echo: () => { throw new MessagingTimeout(late); } });
  assert.equal(await main([]), 1);
});
