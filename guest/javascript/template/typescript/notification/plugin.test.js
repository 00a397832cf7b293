import assert from 'node:assert/strict';
import { test } from 'node:test';

import { grantTransport, handleWith } from 'oslo-messaging-guest/testing';

import { notificationEndpoint } from './build/plugin.js';

test('what is told is handled', async () => {
  grantTransport({});
  const instances = handleWith(notificationEndpoint);
  assert.equal(await instances.notify('info', 'compute.instance.create.end', { id: 7 }), 'handled');
  assert.equal(await instances.notify('info', 'image.create.end', { id: 8 }), 'filtered');
});
