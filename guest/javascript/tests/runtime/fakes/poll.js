import { time } from './time.js';

export function poll(pollables) {
  time.now = Math.max(time.now, Math.min(...pollables.map(({ at }) => at)));
  return pollables.flatMap(({ at }, index) => (at <= time.now ? [index] : []));
}
