/**
 * What authors trip over in JavaScript on WebAssembly, one line each. Without an argument it goes
 * through all that can be survived; with one it does what ends a plugin.
 */
import { JsonText, openClient } from 'oslo-messaging-guest';

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
  console.log('date', typeof Date(), new Date() instanceof Date);
  console.log('text', new TextDecoder().decode(new TextEncoder().encode('zażółć ☃ 😀')));
  console.error('this is standard error');
  await waiting();
  await endlessly();
  await inFlight();
  await cancelling();
  await clients();
  await values();
  await misuse();
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
  console.log('array', ...await Array.fromAsync(counting(), (value) => value * 2));
  for await (const value of counting()) {
    console.log('generated', value);
  }
}

/** Timers that never fire, beside which a plugin goes on. */
async function endlessly() {
  const never = setTimeout(() => console.log('fired'), Infinity);
  const later = setTimeout(() => console.log('fired'), 1e300);
  const client = openClient({ topic: 'demo', version: '1.5' });
  console.log('endless', await client.call({}, 'sleep', { seconds: 0.05 }));
  clearTimeout(never);
  clearTimeout(later);
}

async function* counting() {
  yield 1;
  yield await Promise.resolve(2);
}

/** Calls and timers beside each other. */
async function inFlight() {
  const client = openClient({ topic: 'demo', version: '1.5' });
  const order = [];
  const sleep = async (seconds) => order.push(await client.call({}, 'sleep', { seconds }));
  const timer = new Promise((resolve) => {
    setTimeout(() => resolve(order.push('timer')), 200);
  });
  await Promise.all([sleep(0.3), sleep(0.1), timer]);
  console.log('in flight', order.join(' '));
  const late = client.call({}, 'sleep', { seconds: 0.3 });
  console.log('race', await Promise.race([late, client.call({}, 'echo', { value: 'early' })]));
  const failing = client.call({}, 'divide', { a: 1, b: 0 });
  console.log('any', await Promise.any([failing, client.call({}, 'sleep', { seconds: 0.05 })]));
  console.log('sync', client.callSync({}, 'echo', { value: 'waited for' }), await late);
  const many = await Promise.all(Array.from({ length: 1000 }, (_, value) => (
    client.call({}, 'echo', { value })
  )));
  console.log('many', many.every((value, index) => value === index));
}

async function cancelling() {
  const client = openClient({ topic: 'demo', version: '1.5' });
  const start = performance.now();
  const controller = new AbortController();
  const cancelled = client.call({}, 'sleep', { seconds: 9 }, { signal: controller.signal });
  setTimeout(() => controller.abort(), 20);
  await cancelled.catch((error) => console.log('cancelled', error.name));
  const signal = AbortSignal.timeout(20);
  await client.call({}, 'sleep', { seconds: 9 }, { signal })
    .catch((error) => console.log('too long', error.name));
  console.log('at once', performance.now() - start < 5000);
}

/** Clients that nobody disposes of do not pile up in the host. */
async function clients() {
  const client = openClient({ topic: 'demo', version: '1.5' });
  for (let round = 0; round < 20_000; round += 1) {
    client.prepare({ timeout: 5 });
  }
  console.log('clients', await client.call({}, 'echo', { value: 'still here' }));
  console.log('retry', client.prepare({ retry: 0xffff_ffff }).retry);
}

/** What JSON of other languages has and numbers have not. */
async function values() {
  const client = openClient({ topic: 'demo', version: '1.5' });
  const digits = '123456789012345678901234567890';
  const echoed = await client.call({}, 'echo', new JsonText(`{"value": ${digits}}`));
  console.log('digits', echoed === BigInt(digits));
  console.log('text', await client.callText({}, 'echo', { value: [BigInt(digits)] }) === `[${digits}]`);
  console.log('bigint', await client.call({}, 'add', { a: 2n ** 40n, b: 1 }) === 2 ** 40 + 1);
  const nested = (depth) => JSON.parse(`{"value": ${'['.repeat(depth)}${']'.repeat(depth)}}`);
  const deepest = nested(998).value;
  const [deep, big] = await client.call({}, 'echo', { value: [deepest, 1n << 70n] });
  console.log('deepest', JSON.stringify(deep) === JSON.stringify(deepest), big === 1n << 70n);
  const abyss = `{"value": ${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
  await client.call({}, 'echo', new JsonText(abyss))
    .catch((error) => console.log('deep reply', error.name, error.outcome));
  const long = ['x'.repeat(2 ** 21), '\n"'.repeat(2 ** 19), 1n << 70n];
  const same = await client.call({}, 'echo', { value: long });
  console.log('long', same.every((value, index) => value === long[index]));
  await client.call({}, 'echo', nested(1001))
    .catch((error) => console.log('deep', error.name, error.message));
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
  // Its signals keep it from ending no more than they do in Node.js.
  signalled: async () => {
    const client = openClient({ topic: 'demo', version: '1.5' });
    const signal = AbortSignal.timeout(3_600_000);
    console.log(await client.call({}, 'echo', { value: 'in time' }, { signal }));
    setTimeout(() => console.log('and a timer'), 20);
  },
  missing: () => fetch('http://example.com/'),
  code: () => 3,
  text: () => 'done',
};
