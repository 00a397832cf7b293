import { rpc, rpcPoll, whenEnded } from '#host';

import { decode } from './decode.js';
import { encode } from './encode.js';
import { fromHost, InvalidReply } from './errors.js';
import { Held } from './held.js';
import { hostOptions, withOptions } from './host-call.js';
import { from } from './lines.js';
import { messageSettings, settings } from './settings.js';
import { wellFormed } from './text.js';

/** Sends messages with one client of the host. */
export class Sender {
  #held;

  /** @param {Held} held */
  constructor(held) {
    this.#held = held;
  }

  /**
   * Starts a call or cast; the promise is for the text of its reply.
   * @param {'startCall' | 'startCast'} verb
   * @param {unknown} context
   * @param {unknown} method
   * @param {unknown} args
   * @param {ReturnType<typeof messageSettings>} options
   * @returns {Promise<string>}
   */
  start(verb, context, method, args, { signal, settings: given }) {
    const message = texts(context, method, args);
    const asked = new Error();
    signal?.throwIfAborted();
    const { raw } = this.#held;
    const pending = withOptions(optional(given), (options) => rpcPoll[verb](raw, ...message, options));
    return new Promise((resolve, reject) => {
      const cancel = () => {
        takeBack();
        pending[Symbol.dispose]();
        reject(signal.reason);
      };
      const takeBack = whenEnded(pending, () => {
        signal?.removeEventListener('abort', cancel);
        const end = pending.take();
        pending[Symbol.dispose]();
        if (end.tag === 'ok') {
          resolve(end.val);
        } else {
          reject(from(asked, fromHost(end.val)));
        }
      });
      signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  /**
   * Calls or casts, and the plugin stands still until it is done.
   * @param {'call' | 'cast'} verb
   * @param {unknown} context
   * @param {unknown} method
   * @param {unknown} args
   * @param {ReturnType<typeof settings>} given
   * @returns {string}
   */
  wait(verb, context, method, args, given) {
    const message = texts(context, method, args);
    const { raw } = this.#held;
    return withOptions(optional(given), (options) => rpc[verb](raw, ...message, options));
  }
}

/**
 * Makes all of them at the same time, each with its own client of the host, and the plugin stands
 * still until the last one is done.
 * @param {{ raw: any, context?: unknown, method?: unknown, args?: unknown, settings?: unknown }[]} requests
 * @returns {{ tag: 'ok' | 'err', val: any }[]}
 */
export function waitForAll(requests) {
  const messages = requests.map(({ raw, context, method, args, settings: given = {} }) => ({
    raw,
    texts: texts(context, method, args),
    settings: settings(given),
  }));
  const all = messages.map(({ raw, texts: [context, method, args], settings: given }) => ({
    client: raw, context, method, args, options: optional(given),
  }));
  try {
    return rpc.callAll(all);
  } finally {
    for (const { options } of all) {
      options?.[Symbol.dispose]();
    }
  }
}

/**
 * Options for one message; most have none.
 * @param {ReturnType<typeof settings>} given
 */
function optional(given) {
  return given.length === 0 ? null : hostOptions(given);
}

/**
 * What the caller wants of a reply.
 * @param {string} text
 * @param {((reply: unknown) => unknown) | undefined} [reply]
 */
export function result(text, reply) {
  const value = decode(text);
  if (reply === undefined) {
    return value;
  }
  try {
    return reply(value);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidReply({ message: `the reply does not fit what was asked for: ${why}` }, { cause });
  }
}

/**
 * @param {unknown} context
 * @param {unknown} method
 * @param {unknown} args
 * @returns {[context: string, method: string, args: string]}
 */
function texts(context, method, args) {
  return [encode('context', context), wellFormed('method', method), encode('args', args)];
}
