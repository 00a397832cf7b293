import { Counted } from './client.js';
import { Pollable, time } from './time.js';

/** It ends after `args.after` milliseconds with `args.value`, or with an error. */
class Pending extends Counted {
  constructor(args) {
    super('pendings');
    this.args = JSON.parse(args);
    this.at = time.now + (this.args.after ?? 0) * 1e6;
  }

  subscribe() {
    return new Pollable(this.at);
  }

  take() {
    if (this.at > time.now) {
      return null;
    }
    return this.args.error
      ? { tag: 'err', val: { tag: 'other', val: { outcome: 'unknown', message: this.args.error } } }
      : { tag: 'ok', val: JSON.stringify(this.args.value ?? null) };
  }
}

export default {
  startCall: (client, context, method, args) => new Pending(args),
  startCast: (client, context, method, args) => new Pending(args),
};
