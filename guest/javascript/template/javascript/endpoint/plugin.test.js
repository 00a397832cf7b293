import assert from 'node:assert/strict';
import { test } from 'node:test';

import { grantTransport, serveEndpoints } from 'oslo-messaging-guest/testing';

import { endpoints } from './plugin.js';

test('it divides', async () => {
  grantTransport({});
  const numbers = serveEndpoints(endpoints, { server: 'host-1' });
  assert.equal(await numbers.call('divide', { a: 7, b: 2 }), 3.5);
  await assert.rejects(numbers.call('divide', { a: 7, b: 0 }), { typeName: 'ZeroDivisionError' });
});
