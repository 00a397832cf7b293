import clock from 'wasi:clocks/monotonic-clock@0.2.12';

import { enqueue, waitWith } from '../loop.js';

const timers = new Map();
let last = 0;

export function setTimeout(action, delay = 0, ...args) {
  return start(action, delay, args, false);
}

export function setInterval(action, delay = 0, ...args) {
  return start(action, delay, args, true);
}

export function clearTimeout(timer) {
  timers.delete(timer);
}

export { clearTimeout as clearInterval };

function start(action, delay, args, again) {
  if (typeof action !== 'function') {
    throw new TypeError('a timer needs a function');
  }
  const pause = Math.max(0, Number(delay) || 0);
  last += 1;
  timers.set(last, { at: now() + pause, pause, again, run: () => action(...args) });
  waitWith({ wait });
  return last;
}

/** Waits for the next timer and starts it; false when there is none. */
function wait() {
  const [next] = [...timers].sort(([, a], [, b]) => a.at - b.at);
  if (next === undefined) {
    return false;
  }
  const [id, timer] = next;
  const left = timer.at - now();
  if (left > 0) {
    const pollable = clock.subscribeDuration(Math.ceil(left * 1e6));
    pollable.block();
    pollable[Symbol.dispose]();
  }
  if (timer.again) {
    timer.at = now() + timer.pause;
  } else {
    timers.delete(id);
  }
  enqueue(timer.run);
  return true;
}

function now() {
  return Number(clock.now()) / 1e6;
}
