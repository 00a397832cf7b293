/** The host under Node.js: it has the interfaces of `src/host.js`, over the transports of a test. */
import { Message } from './message.js';
import { Notifier, notify } from './notifier.js';
import { refused } from './refused.js';
import { Client, Options } from './terms.js';
import { names } from './transport.js';

export const client = { Client, Options, transports: names };

export const notifier = { Notifier, notify };

export const limits = {
  remaining: () => null,
  requestBytes: () => 16 * 2 ** 20,
  replyBytes: () => 64 * 2 ** 20,
  heldReplyBytes: () => 128 * 2 ** 20,
  callsInFlight: () => 128,
  pendingCalls: () => PENDING_CALLS,
  requests: () => 1024,
};

export const rpcPoll = {
  /** @param {ConstructorParameters<typeof Message> extends [any, ...infer R] ? R : never} message */
  startCall: (...message) => new Pending(new Message('call', ...message)),
  /** @param {ConstructorParameters<typeof Message> extends [any, ...infer R] ? R : never} message */
  startCast: (...message) => new Pending(new Message('cast', ...message)),
};

export const rpc = {
  /** @param {ConstructorParameters<typeof Message> extends [any, ...infer R] ? R : never} message */
  call: (...message) => waited(new Message('call', ...message)),
  /** @param {ConstructorParameters<typeof Message> extends [any, ...infer R] ? R : never} message */
  cast: (...message) => {
    waited(new Message('cast', ...message));
  },
  /**
   * @param {any[]} requests
   * @returns {import('./message.js').End[]}
   */
  callAll(requests) {
    const ends = requests.map(({ client: its, context, method, args, options }) => {
      try {
        return new Message('call', its, context, method, args, options);
      } catch (/** @type {any} */ error) {
        return /** @type {const} */ ({ tag: 'err', val: error.payload });
      }
    });
    pause(Math.max(0, ...ends.map((it) => (it instanceof Message ? it.takes : 0))));
    return ends.map((it) => (it instanceof Message ? now(it) : it));
  },
};

/**
 * @param {Pending} pending
 * @param {() => void} action
 */
export function whenEnded(pending, action) {
  return pending.whenEnded(action);
}

class Pending {
  /** @type {any} */
  #end = null;
  #isDropped = false;
  #action = () => {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Message} message */
  constructor(message) {
    if (running.size >= PENDING_CALLS) {
      const text = `${PENDING_CALLS} calls run or wait, and no more are allowed`;
      throw refused('limit-exceeded', { limit: 'pending-calls', message: text });
    }
    running.add(this);
    this.#timer = setTimeout(() => {
      const end = message.send();
      if (!('then' in end)) {
        this.#over(end);
        return;
      }
      const left = (message.timeout - message.takes) * 1000;
      this.#timer = setTimeout(() => this.#over(message.tooLate()), left);
      end.then((it) => this.#over(it));
    }, message.takes * 1000);
  }

  take() {
    return this.#end;
  }

  /** @param {() => void} action */
  whenEnded(action) {
    this.#action = action;
    return () => {
      this.#action = () => {};
    };
  }

  [Symbol.dispose]() {
    this.#isDropped = true;
    clearTimeout(this.#timer);
    running.delete(this);
  }

  /** @param {any} end */
  #over(end) {
    clearTimeout(this.#timer);
    if (!this.#isDropped && this.#end === null) {
      this.#end = end;
      this.#action();
    }
  }
}

/** @param {Message} message */
function waited(message) {
  pause(message.takes);
  const end = now(message);
  if (end.tag === 'err') {
    throw Object.assign(new Error(end.val.val?.message), { payload: end.val });
  }
  return end.val;
}

/** @param {Message} message */
function now(message) {
  const end = message.send();
  if ('then' in end) {
    throw new TypeError('an `async` method cannot be waited for by callSync; `after` makes one slow');
  }
  return end;
}

/** @param {number} seconds */
function pause(seconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
}

/** @type {Set<Pending>} */
const running = new Set();
const PENDING_CALLS = 1024;
