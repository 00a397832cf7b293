import clock from 'wasi:clocks/monotonic-clock@0.2.12';

import { enqueue } from '../loop.js';
import { alarmWith } from '../pollables.js';

const timers = new Map();
let last = 0;

export function setTimeout(action, delay = 0, ...args) {
  return start(action, delay, args, { again: false });
}

/** A timer that does not keep the plugin alive, as those of signals in Node.js. */
export function __setIdleTimeout(action, delay) {
  return start(action, delay, [], { again: false, isIdle: true });
}

export function setInterval(action, delay = 0, ...args) {
  return start(action, delay, args, { again: true });
}

export function clearTimeout(timer) {
  timers.delete(timer);
}

export { clearTimeout as clearInterval };

function start(action, delay, args, { again, isIdle = false }) {
  if (typeof action !== 'function') {
    throw new TypeError('a timer needs a function');
  }
  alarmWith({ next, ring });
  const pause = Math.max(0, Number(delay) || 0);
  last += 1;
  timers.set(last, { at: now() + pause, pause, again, isIdle, run: () => action(...args) });
  return last;
}

/** A pollable for the moment of the next timer. */
function next(goesOn) {
  let first = Infinity;
  let isAwaited = goesOn && timers.size > 0;
  for (const { at, isIdle } of timers.values()) {
    first = Math.min(first, at);
    isAwaited ||= !isIdle;
  }
  if (!isAwaited) {
    return null;
  }
  // A number beyond this would end the plugin: the loop asks again after some hundred days.
  const nanoseconds = Math.min(Math.max(0, first - now()) * 1e6, Number.MAX_SAFE_INTEGER);
  return clock.subscribeDuration(Math.ceil(nanoseconds));
}

/** Starts the timers whose moment has come, in the order of their moments. */
function ring() {
  const time = now();
  const due = [...timers].filter(([, timer]) => timer.at <= time);
  due.sort(([, a], [, b]) => a.at - b.at);
  for (const [id, timer] of due) {
    enqueue(() => {
      // One before it may have cleared it.
      if (timers.get(id) !== timer) {
        return;
      }
      if (timer.again) {
        timer.at = now() + timer.pause;
      } else {
        timers.delete(id);
      }
      timer.run();
    });
  }
}

function now() {
  return Number(clock.now()) / 1e6;
}
