/** What is to run next: jobs of promises, then what calls and timers that are over start. */

const jobs = [];
const unhandled = new Map();
let wait = null;

export function enqueue(job) {
  jobs.push(job);
}

/** A promise was rejected, and nobody has asked for it yet. */
export function rejected(promise, reason) {
  unhandled.set(promise, reason);
}

export function handled(promise) {
  unhandled.delete(promise);
}

/**
 * How to wait when no job is left: a function that enqueues what is over, and says whether there was
 * anything to wait for. It is told whether somebody waits for the end of something; else what keeps no
 * plugin alive does not count. A plugin without calls and timers has none.
 */
export function waitWith(waiting) {
  wait = waiting;
}

/**
 * Runs until it is over, or nothing is left to run, and throws what nobody caught. What is left then
 * goes on with the next run.
 */
export function run(isOver = null) {
  do {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      job();
    }
    if (unhandled.size > 0) {
      const [reason] = unhandled.values();
      unhandled.clear();
      throw reason;
    }
  } while (!isOver?.() && wait?.(isOver !== null));
}
