/** What is to run next: jobs of promises, then timers. */

const jobs = [];
const unhandled = new Map();
let timers = null;

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

/** Where to wait when no job is left; a plugin without timers has none. */
export function waitWith(source) {
  timers = source;
}

/** Runs until nothing is left to run, and throws what nobody caught. */
export function run() {
  do {
    for (let next = 0; next < jobs.length; next += 1) {
      jobs[next]();
    }
    jobs.length = 0;
    for (const reason of unhandled.values()) {
      throw reason;
    }
  } while (timers?.wait());
}
