/** One wait for calls and timers together. */
import { poll } from 'wasi:io/poll@0.2.12';

import { enqueue, waitWith } from './loop.js';

const waits = new Map();
let alarm = null;

/**
 * Enqueues an action when a pollable is ready, and returns a function that takes this back. Either
 * way the pollable is dropped.
 */
export function waitFor(pollable, action) {
  waitWith(wait);
  const waiting = { action };
  waits.set(pollable, waiting);
  return () => {
    // It may be enqueued already.
    waiting.action = null;
    if (waits.delete(pollable)) {
      pollable[Symbol.dispose]();
    }
  };
}

/**
 * What knows the next moment: `next` gives a pollable for it, or null when there is none, and `ring`
 * is called when it has come. `next` is told whether the plugin goes on in any case, so that what keeps
 * none alive counts as well.
 */
export function alarmWith(clock) {
  waitWith(wait);
  alarm = clock;
}

function wait(isAwaited) {
  const moment = alarm?.next(isAwaited || waits.size > 0) ?? null;
  const pollables = [...waits.keys()];
  if (moment !== null) {
    pollables.push(moment);
  }
  if (pollables.length === 0) {
    return false;
  }
  const ready = poll(pollables);
  for (const index of ready) {
    const pollable = pollables[index];
    const waiting = waits.get(pollable);
    if (waiting !== undefined) {
      waits.delete(pollable);
      pollable[Symbol.dispose]();
      enqueue(() => waiting.action?.());
    }
  }
  if (moment !== null) {
    moment[Symbol.dispose]();
    if (ready.includes(pollables.length - 1)) {
      alarm.ring();
    }
  }
  return true;
}
