/**
 * What authors trip over in JavaScript on WebAssembly, one line each. Without an argument it goes
 * through all that can be survived; with one it does what ends a plugin.
 */
import { openClient } from 'oslo-messaging-guest';

import { misuse } from './misuse.js';

// Read when the plugin runs, not when it was built.
const loadedAt = Date.now();
const builtWith = Math.random();

export async function main([way]) {
  const end = ENDS[way];
  if (end !== undefined) {
    return end();
  }
  console.log('random', Math.random(), builtWith, crypto.randomUUID());
  console.log('time', loadedAt, new Date(0).toISOString(), new Date().getFullYear() > 2000);
  console.log('text', new TextDecoder().decode(new TextEncoder().encode('zażółć ☃ 😀')));
  console.error('this is standard error');
  await waiting();
  clients();
  misuse();
  return 0;
}

/** Promises, timers and their order. */
async function waiting() {
  const order = [];
  const start = performance.now();
  const timer = new Promise((resolve) => {
    setTimeout(() => resolve(order.push('timer')), 50);
  });
  queueMicrotask(() => order.push('job'));
  order.push('first');
  const [a, failed] = await Promise.allSettled([
    Promise.resolve(1),
    (async () => { throw new Error('no'); })(),
  ]);
  await timer;
  console.log('order', order.join(' '), a.value, failed.reason.message);
  console.log('waited', performance.now() - start >= 50);
  for await (const value of counting()) {
    console.log('generated', value);
  }
}

async function* counting() {
  yield 1;
  yield await Promise.resolve(2);
}

/** Clients that nobody disposes of do not pile up in the host. */
function clients() {
  const client = openClient({ topic: 'demo', version: '1.5' });
  for (let round = 0; round < 20_000; round += 1) {
    client.prepare({ timeout: 5 });
  }
  console.log('clients', client.call({}, 'echo', { value: 'still here' }));
  const digits = '123456789012345678901234567890';
  console.log('digits', client.callText('{}', 'echo', `{"value": ${digits}}`) === digits);
  try {
    const value = `${'['.repeat(1001)}${']'.repeat(1001)}`;
    client.call({}, 'echo', JSON.parse(`{"value": ${value}}`));
  } catch (error) {
    console.log('deep', error.name, error.message);
  }
  console.log('bigint', client.call({}, 'add', { a: 2n ** 40n, b: 1 }) === 2 ** 40 + 1);
}

const ENDS = {
  throw: () => {
    throw new RangeError('thrown by the plugin');
  },
  reject: async () => {
    await null;
    throw new RangeError('rejected by the plugin');
  },
  forgotten: async () => {
    Promise.reject(new RangeError('a promise that nobody waits for'));
  },
  never: () => new Promise(() => {}),
  missing: () => fetch('http://example.com/'),
  code: () => 3,
};
