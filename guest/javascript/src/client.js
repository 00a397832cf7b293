import host from 'oslo:messaging/rpc-client@0.1.0';

import { LimitExceeded, fromHost } from './errors.js';
import { decode, encode, wellFormed } from './message.js';
import { clientSettings, hostTarget, settings } from './settings.js';

/** Opens a client of a transport that the host granted; see `index.d.ts`. */
export function openClient(target, options = {}) {
  const { transport, settings: defaults } = clientSettings(options);
  const fields = hostTarget(target);
  return new Client(opened(() => host.Client.open(transport, fields, defaults)));
}

/** What is left of the invocation's time, in seconds; null when it has no limit. */
export function remaining() {
  const left = host.remaining();
  return left === null || left === undefined ? null : Number(left) / 1e9;
}

class Client {
  #raw;

  constructor(raw) {
    this.#raw = raw;
  }

  prepare(overrides = {}) {
    const list = settings(overrides);
    return new Client(opened(() => this.#raw.prepare(list)));
  }

  call(context, method, args) {
    return decode(this.callText(encode('context', context), method, encode('args', args)));
  }

  cast(context, method, args) {
    this.castText(encode('context', context), method, encode('args', args));
  }

  callText(context, method, args) {
    const message = texts(context, method, args);
    return attempt(() => this.#raw.call(...message));
  }

  castText(context, method, args) {
    const message = texts(context, method, args);
    attempt(() => this.#raw.cast(...message));
  }

  callAll(requests) {
    const all = Array.from(requests, (request) => hostRequest(request));
    return this.#callAll(all, decode);
  }

  callAllText(requests) {
    const all = Array.from(requests, ({ context = '{}', method, args = '{}', settings: given }) =>
      record(given, texts(context, method, args)));
    return this.#callAll(all, (text) => text);
  }

  #callAll(requests, read) {
    return this.#raw.callAll(requests).map((outcome) => {
      try {
        if (outcome.tag === 'err') {
          throw fromHost(outcome.val);
        }
        return { status: 'fulfilled', value: read(outcome.val) };
      } catch (reason) {
        return { status: 'rejected', reason };
      }
    });
  }

  canSendVersion(version = null) {
    if (version !== null) {
      wellFormed('version', version);
    }
    return attempt(() => this.#raw.canSendVersion(version));
  }

  [Symbol.dispose]() {
    this.#raw[Symbol.dispose]();
  }
}

function hostRequest({ context, method, args, settings: given }) {
  return record(given, texts(encode('context', context), method, encode('args', args)));
}

function record(given = {}, [context, method, args]) {
  return { settings: settings(given), context, method, args };
}

function texts(context, method, args) {
  return [
    wellFormed('context', context),
    wellFormed('method', method),
    wellFormed('args', args),
  ];
}

/** A client of the host. Those that nobody uses go back to it when garbage is collected. */
function opened(open) {
  try {
    return attempt(open);
  } catch (error) {
    if (!(error instanceof LimitExceeded)) {
      throw error;
    }
    // The engine's own hook: without it the collector does not know that clients are scarce.
    globalThis.__cqjs.runGc();
    return attempt(open);
  }
}

/** Makes the errors that the host returns into this package's. */
function attempt(action) {
  try {
    return action();
  } catch (error) {
    throw fromHost(error);
  }
}
