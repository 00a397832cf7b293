/** `AbortController` and `AbortSignal`, which the engine lacks. */
import { enqueue } from '../loop.js';

const states = /* @__PURE__ */ new WeakMap();

export class DOMException extends Error {
  constructor(message = '', name = 'Error') {
    super(message);
    Object.defineProperty(this, 'name', { value: name, configurable: true });
  }
}

export class AbortSignal {
  onabort = null;

  constructor() {
    states.set(this, { aborted: false, reason: undefined, listeners: new Map() });
  }

  get aborted() {
    return states.get(this).aborted;
  }

  get reason() {
    return states.get(this).reason;
  }

  throwIfAborted() {
    if (this.aborted) {
      throw this.reason;
    }
  }

  addEventListener(type, listener, { once = false } = {}) {
    const { listeners } = states.get(this);
    if (type === 'abort' && !listeners.has(listener)) {
      listeners.set(listener, once);
    }
  }

  removeEventListener(type, listener) {
    if (type === 'abort') {
      states.get(this).listeners.delete(listener);
    }
  }

  static abort(reason) {
    const signal = new AbortSignal();
    abort(signal, reason);
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
      signal.addEventListener('abort', () => abort(any, signal.reason));
    }
    return any;
  }
}

export class AbortController {
  signal = new AbortSignal();

  abort(reason) {
    abort(this.signal, reason);
  }
}

function abort(signal, reason = new DOMException('it was aborted', 'AbortError')) {
  const state = states.get(signal);
  if (state.aborted) {
    return;
  }
  Object.assign(state, { aborted: true, reason });
  const event = { type: 'abort', target: signal, currentTarget: signal };
  notify(signal.onabort, signal, event);
  for (const [listener, once] of [...state.listeners]) {
    if (state.listeners.has(listener)) {
      if (once) {
        state.listeners.delete(listener);
      }
      notify(listener, signal, event);
    }
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
