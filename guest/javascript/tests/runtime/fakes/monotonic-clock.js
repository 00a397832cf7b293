import { Pollable, time } from './time.js';

export default {
  now: () => time.now,
  subscribeDuration: (length) => new Pollable(time.now + length),
};
