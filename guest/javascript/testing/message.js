/** One message, and what a transport of a test makes of it. */
import { decode } from '../src/decode.js';
import { toText } from '../src/encode.js';
import { MessagingTimeout, RemoteError } from '../src/errors.js';
import { asHost, refused } from './refused.js';
import { canSend, changed, granted, nanoseconds, replyBytes, targetOf } from './terms.js';
import { delayOf } from './transport.js';

/** @typedef {{ tag: 'ok' | 'err', val: any }} End */

export class Message {
  #verb;
  #terms;
  #transport;
  #request;

  /**
   * What is wrong with it by itself is thrown.
   * @param {'call' | 'cast'} verb
   * @param {import('./terms.js').Client} client
   * @param {string} context
   * @param {string} method
   * @param {string} args
   * @param {import('./terms.js').Options | null} options
   */
  constructor(verb, client, context, method, args, options) {
    this.#verb = verb;
    this.#terms = changed(client.terms, options);
    this.#transport = granted(this.#terms.transport);
    const size = [context, method, args].reduce((sum, text) => sum + byteLength(text), 0);
    if (size > MOST) {
      const message = `the request has ${size} bytes, and ${MOST} are allowed`;
      throw refused('limit-exceeded', { limit: 'request-bytes', message });
    }
    this.#request = {
      verb,
      target: targetOf(this.#terms),
      context: object('context', context),
      method,
      args: object('args', args),
      timeout: nanoseconds(this.#terms) / 1e9,
    };
  }

  /** How many seconds pass until it has ended, unless its method takes time of its own. */
  get takes() {
    const method = this.#transport.methods.get(this.#request.method);
    const takes = this.#verb === 'cast' || method === undefined ? 0 : delayOf(method);
    return Math.min(takes, this.#request.timeout);
  }

  get timeout() {
    return this.#request.timeout;
  }

  /**
   * Sends it, after the time that it takes; how it ended, or a promise for that.
   * @returns {End | Promise<End>}
   */
  send() {
    const refusal = this.#refusal();
    if (refusal !== null) {
      return { tag: 'err', val: refusal };
    }
    this.#transport.sent.push(this.#request);
    const method = this.#transport.methods.get(this.#request.method);
    if (method !== undefined && this.#verb === 'call' && delayOf(method) >= this.timeout) {
      return this.tooLate();
    }
    try {
      const value = method === undefined ? absent(this.#request.method) : this.#run(method);
      if (typeof value?.then === 'function') {
        return value.then((/** @type {unknown} */ it) => this.#returned(it), this.#threw);
      }
      return this.#returned(value);
    } catch (error) {
      return this.#threw(error);
    }
  }

  /** @returns {End} */
  tooLate() {
    return this.#threw(new MessagingTimeout({
      waitingFor: 'reply',
      outcome: 'unknown',
      limit: this.timeout,
      message: `no reply to \`${this.#request.method}\` came in ${this.timeout} s`,
    }));
  }

  /** @param {any} method */
  #run(method) {
    return method(this.#request.args, this.#request);
  }

  #refusal() {
    const { topic, fanout, version } = this.#request.target;
    if (!topic || (fanout && this.#verb === 'call')) {
      const message = topic ? 'a call cannot be a fanout' : 'the target has no topic';
      return { tag: 'invalid-target', val: { message } };
    }
    const { versionCap } = this.#terms;
    if (!canSend(version, versionCap)) {
      const message = `version ${version ?? 'none'} does not fit the cap ${versionCap}`;
      return { tag: 'version-cap', val: { version, versionCap, message } };
    }
    return null;
  }

  /**
   * @param {unknown} value
   * @returns {End}
   */
  #returned(value) {
    if (this.#verb === 'cast') {
      return { tag: 'ok', val: 'null' };
    }
    let text;
    try {
      text = toText(value ?? null);
    } catch (cause) {
      const what = `the method \`${this.#request.method}\` of the test gives what JSON cannot carry`;
      return { tag: 'err', val: new TypeError(what, { cause }) };
    }
    if (byteLength(text) > replyBytes(this.#terms)) {
      const message = `the reply has ${byteLength(text)} bytes, and there is room for fewer`;
      return { tag: 'err', val: { tag: 'invalid-reply', val: { message } } };
    }
    return { tag: 'ok', val: text };
  }

  /**
   * An exception does not come back to whoever casts.
   * @type {(thrown: unknown) => End}
   */
  #threw = (thrown) => {
    const val = asHost(thrown);
    const isSilent = this.#verb === 'cast' && ['remote', 'invalid-reply'].includes(val.tag);
    return isSilent ? { tag: 'ok', val: 'null' } : { tag: 'err', val };
  };
}

/**
 * What a server says that has no such method.
 * @param {string} method
 * @returns {never}
 */
function absent(method) {
  const message = `Endpoint does not support RPC method ${method}`;
  throw new RemoteError({
    typeName: 'NoSuchMethod', typeModule: 'oslo_messaging.rpc.dispatcher', message, args: [message],
  });
}

/**
 * @param {string} argument
 * @param {string} text
 */
export function object(argument, text) {
  let value;
  try {
    value = decode(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refused('invalid-argument', { argument, message: `it is not JSON: ${why}` });
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw refused('invalid-argument', { argument, message: 'it is not a JSON object' });
  }
  return value;
}

/** @param {string} text */
export function byteLength(text) {
  return new TextEncoder().encode(text).length;
}

/** 16 MiB, as a host that its operator left as it is. */
export const MOST = 16 * 2 ** 20;
