/** One loop for calls, timers and promises, around the exports of a plugin. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { openClient, OtherError } from '../../src/index.js';
import { exported, settle } from '../../runtime/exports.js';
import { AbortController, AbortSignal } from '../../runtime/globals/abort.js';
import { __abortSignalTimeout } from '../../runtime/globals/abort-timeout.js';
import { clearTimeout, setInterval, setTimeout } from '../../runtime/globals/timers.js';
import { run as runLoop } from '../../runtime/loop.js';
import { waitFor } from '../../runtime/pollables.js';
import { LoopPromise } from '../../runtime/promise.js';
import { open } from './fakes/client.js';
import { Pollable, time } from './fakes/time.js';

const Native = globalThis.Promise;

afterEach(() => {
  globalThis.Promise = Native;
  assert.deepEqual([time.open, open.options, open.pendings], [0, 0, 0], 'something was left open');
});

/**
 * Runs something as an export of a plugin. What is `async` has to be written with `then`, as the
 * bundler writes it: the engine's own `await` runs its jobs where no loop of ours can.
 */
const run = (action) => settle('run', action);
const sleep = (milliseconds) => new LoopPromise((resolve) => setTimeout(resolve, milliseconds));
const client = openClient({ topic: 't' });

/** `client.call` without the engine's `async`, which only the bundler can take out of it. */
const { Sender } = await import('../../src/sender.js');
const { messageSettings } = await import('../../src/settings.js');
function call(args, options = {}) {
  return new Sender({}).start('startCall', {}, 'm', args, messageSettings(options, ['signal']))
    .then(JSON.parse);
}

test('calls and timers are waited for together', () => {
  const order = [];
  const note = (value) => order.push([value, time.now / 1e6]);
  time.now = 0;
  run(() => LoopPromise.all([
    call({ after: 30, value: 'slow' }).then(note),
    sleep(20).then(() => note('timer')),
    call({ after: 10, value: 'fast' }).then(note),
    call({ value: 'at once' }, { timeout: 5 }).then(note),
  ]));
  assert.deepEqual(order, [['at once', 0], ['fast', 10], ['timer', 20], ['slow', 30]]);
});

test('an export returns what its promise gives, and throws what it is rejected with', () => {
  assert.equal(run(() => 7), 7);
  assert.equal(run(() => call({ after: 1, value: 8 })), 8);
  assert.equal(run(() => LoopPromise.race([sleep(50), call({ after: 1, value: 9 })])), 9);
  assert.throws(() => run(() => call({ after: 1, error: 'no' })), OtherError);
  assert.throws(() => run(() => { throw new RangeError('at once'); }), RangeError);
  assert.throws(() => run(() => new LoopPromise(() => {})), /`run` waits for a promise that nothing/);
  // The timer of the race.
  run(() => sleep(60));
});

test('what an export leaves running goes on with the next one', () => {
  const order = [];
  run(() => {
    call({ after: 10, value: 'left' }).then((value) => order.push(value));
  });
  assert.deepEqual(order, []);
  run(() => sleep(20));
  assert.deepEqual(order, ['left']);
});

test('a rejection that nobody handles is thrown once', () => {
  assert.throws(() => run(() => {
    LoopPromise.reject(new RangeError('lost'));
    return sleep(1);
  }), /lost/);
  run(() => sleep(5));
});

test('a signal cancels a call', () => {
  const controller = new AbortController();
  const why = new Error('enough');
  time.now = 0;
  setTimeout(() => controller.abort(why), 5);
  assert.throws(() => run(() => call({ after: 1000 }, { signal: controller.signal })), why);
  assert.equal(time.now, 5e6);
  assert.throws(() => run(() => call({}, { signal: controller.signal })), why);
  const late = __abortSignalTimeout(5);
  assert.throws(() => run(() => call({ after: 9 }, { signal: late })), { name: 'TimeoutError' });
  const done = new AbortController();
  assert.equal(run(() => call({ value: 1 }, { signal: done.signal })), 1);
  done.abort();
});

test('what has ended can be taken back as long as nobody was told', () => {
  time.now = 0;
  const seen = [];
  const takeBack = [];
  run(() => {
    for (const name of ['first', 'second']) {
      takeBack.push(waitFor(new Pollable(5e6), () => {
        seen.push(name);
        takeBack.forEach((it) => it());
      }));
    }
    return sleep(10);
  });
  assert.deepEqual(seen, ['first']);
});

test('signals are what the web has', () => {
  const controller = new AbortController();
  const { signal } = controller;
  const seen = [];
  signal.onabort = (event) => seen.push(event.type, event.target === signal);
  const gone = () => seen.push('gone');
  signal.addEventListener('abort', gone);
  signal.removeEventListener('abort', gone);
  signal.addEventListener('abort', () => seen.push('heard'));
  const any = AbortSignal.any([new AbortController().signal, signal]);
  signal.throwIfAborted();
  assert.deepEqual([signal.aborted, any.aborted, signal.reason], [false, false, undefined]);
  controller.abort();
  controller.abort(new Error('again'));
  assert.deepEqual(seen, ['abort', true, 'heard']);
  assert.deepEqual([signal.aborted, any.aborted, signal.reason.name], [true, true, 'AbortError']);
  assert.throws(() => any.throwIfAborted(), { name: 'AbortError' });
  assert.equal(AbortSignal.abort(7).reason, 7);
  assert.equal(AbortSignal.any([AbortSignal.abort(8)]).reason, 8);
});

test('timers are in order, and can be taken back', () => {
  const order = [];
  const interval = setInterval(() => {
    if (order.push('tick') > 3) {
      clearTimeout(interval);
    }
  }, 2);
  const gone = setTimeout(() => order.push('gone'), 3);
  setTimeout(() => clearTimeout(gone), 3 - 1);
  setTimeout((a, b) => order.push(a + b), 1, 'with ', 'arguments');
  run(() => sleep(30));
  assert.deepEqual(order, ['with arguments', 'tick', 'tick', 'tick']);
});

test('exports are loaded late, and have a loop each', () => {
  let loads = 0;
  class Session {
    #name;

    constructor(name) {
      this.#name = name;
    }

    ask() {
      return this.inner().then((value) => `${this.#name}: ${value}`);
    }

    inner() {
      return call({ after: 1, value: 'asked' });
    }

    static open(name) {
      return call({ after: 1 }).then(() => new Session(name));
    }
  }
  const load = () => {
    loads += 1;
    return { run: (value) => call({ after: 1, value }), store: { get: (it) => sleep(1).then(() => it), Session } };
  };
  const [run1, store] = [exported(load, 'run'), exported(load, 'store')];
  assert.equal(loads, 0);
  assert.equal(run1('a'), 'a');
  assert.equal(store.get('b'), 'b');
  const session = new store.Session('mine');
  assert.equal(session.ask(), 'mine: asked');
  assert.equal(store.Session.open('yours').ask(), 'yours: asked');
  assert.equal(loads, 1);
});

test('without the hook of the engine a limit is an error, with it garbage goes first', () => {
  const { prepare } = client.constructor.prototype;
  const clients = [prepare.call(client), prepare.call(client)];
  assert.throws(() => client.prepare(), { name: 'LimitExceeded', limit: 'clients' });
  globalThis.__cqjs = { runGc: () => clients.pop()[Symbol.dispose]() };
  try {
    clients.unshift(client.prepare());
  } finally {
    delete globalThis.__cqjs;
  }
  clients.forEach((it) => it[Symbol.dispose]());
  assert.equal(open.clients, 1);
});

test('a signal that nobody waits for keeps no plugin alive, and one that is waited for comes', () => {
  time.now = 0;
  const late = [];
  run(() => {
    const signal = __abortSignalTimeout(5000);
    signal.addEventListener('abort', () => late.push(time.now / 1e6));
  });
  runLoop();
  assert.deepEqual([time.now, late], [0, []]);
  run(() => {
    setTimeout(() => late.push('timer'), 20);
  });
  runLoop();
  assert.deepEqual([time.now / 1e6, late], [20, ['timer']]);
  run(() => sleep(6000));
  assert.deepEqual(late, ['timer', 5000]);
  run(() => new LoopPromise((resolve) => {
    __abortSignalTimeout(10).addEventListener('abort', resolve);
  }));
  assert.equal(time.now / 1e6, 6030);
});
