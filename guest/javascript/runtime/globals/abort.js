/** `AbortController` and `AbortSignal`, which the engine lacks. */
import { enqueue } from '../loop.js';

const ABORT = Symbol('abort');

export class DOMException extends Error {
  constructor(message = '', name = 'Error') {
    super(message);
    Object.defineProperty(this, 'name', { value: name, configurable: true });
  }
}

export class AbortSignal {
  #listeners = new Map();
  #reason;
  #aborted = false;
  onabort = null;

  get aborted() {
    return this.#aborted;
  }

  get reason() {
    return this.#reason;
  }

  throwIfAborted() {
    if (this.#aborted) {
      throw this.#reason;
    }
  }

  addEventListener(type, listener, { once = false } = {}) {
    if (type === 'abort' && !this.#listeners.has(listener)) {
      this.#listeners.set(listener, once);
    }
  }

  removeEventListener(type, listener) {
    if (type === 'abort') {
      this.#listeners.delete(listener);
    }
  }

  /** For its controller. */
  static [ABORT](signal, reason = new DOMException('it was aborted', 'AbortError')) {
    if (signal.#aborted) {
      return;
    }
    signal.#aborted = true;
    signal.#reason = reason;
    const event = { type: 'abort', target: signal, currentTarget: signal };
    notify(signal.onabort, signal, event);
    for (const [listener, once] of [...signal.#listeners]) {
      if (signal.#listeners.has(listener)) {
        if (once) {
          signal.#listeners.delete(listener);
        }
        notify(listener, signal, event);
      }
    }
  }

  static abort(reason) {
    const signal = new AbortSignal();
    AbortSignal[ABORT](signal, reason);
    return signal;
  }

  static any(signals) {
    const all = [...signals];
    const first = all.find((signal) => signal.aborted);
    if (first !== undefined) {
      return AbortSignal.abort(first.reason);
    }
    const any = new AbortSignal();
    for (const signal of all) {
      signal.addEventListener('abort', () => AbortSignal[ABORT](any, signal.reason));
    }
    return any;
  }
}

export class AbortController {
  signal = new AbortSignal();

  abort(reason) {
    AbortSignal[ABORT](this.signal, reason);
  }
}

/** What a listener throws ends the plugin, and not what aborts. */
function notify(listener, signal, event) {
  try {
    if (typeof listener === 'function') {
      listener.call(signal, event);
    } else {
      listener?.handleEvent(event);
    }
  } catch (error) {
    enqueue(() => {
      throw error;
    });
  }
}
