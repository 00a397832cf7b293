import { client as host } from '#host';

import { fromHost, InvalidArgument } from './errors.js';
import { Held } from './held.js';
import { attempt, open } from './host-call.js';
import { seconds, unsigned } from './limits.js';
import { result, Sender, waitForAll } from './sender.js';
import {
  clientSettings, hostTarget, messageSettings, requestFields, settings,
} from './settings.js';
import { shown, wellFormed } from './text.js';

/** @import * as api from '../types/index.js' */

/**
 * Opens a client of a transport that the host granted; see `types/index.d.ts`.
 * @param {api.Target} target
 * @param {api.ClientOptions} [options]
 * @returns {api.Client}
 */
export function openClient(target, options = {}) {
  const { transport, settings: defaults } = clientSettings(options);
  const fields = hostTarget(target);
  return new Client(open(defaults, (given) => host.Client.open(transport, fields, given)));
}

/** The names of the transports that the host granted. */
export function transports() {
  return host.transports();
}

/** @implements {api.Client} */
class Client {
  #held;
  #sender;

  /** @param {any} raw */
  constructor(raw) {
    this.#held = new Held('client', raw);
    this.#sender = new Sender(this.#held);
  }

  /** @param {api.Settings} [overrides] */
  prepare(overrides = {}) {
    return new Client(open(settings(overrides), (given) => this.#held.raw.prepare(given)));
  }

  /**
   * @param {api.Json | undefined} context
   * @param {string} method
   * @param {api.Json} [args]
   * @param {api.CallOptions<any>} [options]
   */
  async call(context, method, args, options = {}) {
    const given = messageSettings(options, ['signal', 'reply']);
    return result(await this.#sender.start('startCall', context, method, args, given), given.reply);
  }

  /**
   * @param {api.Json | undefined} context
   * @param {string} method
   * @param {api.Json} [args]
   * @param {api.CastOptions} [options]
   */
  async callText(context, method, args, options = {}) {
    const given = messageSettings(options, ['signal']);
    return this.#sender.start('startCall', context, method, args, given);
  }

  /**
   * @param {api.Json | undefined} context
   * @param {string} method
   * @param {api.Json} [args]
   * @param {api.CastOptions} [options]
   */
  async cast(context, method, args, options = {}) {
    const given = messageSettings(options, ['signal']);
    await this.#sender.start('startCast', context, method, args, given);
  }

  /**
   * @param {api.Json | undefined} context
   * @param {string} method
   * @param {api.Json} [args]
   * @param {api.SyncCallOptions<any>} [options]
   */
  callSync(context, method, args, options = {}) {
    const given = messageSettings(options, ['reply']);
    return result(this.#sender.wait('call', context, method, args, given.settings), given.reply);
  }

  /**
   * @param {api.Json | undefined} context
   * @param {string} method
   * @param {api.Json} [args]
   * @param {api.Settings} [options]
   */
  castSync(context, method, args, options = {}) {
    this.#sender.wait('cast', context, method, args, settings(options));
  }

  /**
   * @param {Iterable<api.Request>} requests
   * @returns {api.Settled<any>[]}
   */
  callAllSync(requests) {
    if (typeof requests === 'string' || typeof requests?.[Symbol.iterator] !== 'function') {
      const message = `the requests must be an array or iterable, not ${shown(requests)}`;
      throw new InvalidArgument({ argument: 'requests', message });
    }
    const all = Array.from(requests, requestFields);
    return waitForAll(all.map((request) => ({ ...request, raw: this.#rawOf(request) }))).map((end) => {
      try {
        if (end.tag === 'err') {
          throw fromHost(end.val);
        }
        return { status: 'fulfilled', value: result(end.val) };
      } catch (reason) {
        return { status: 'rejected', reason: /** @type {api.MessagingError} */ (reason) };
      }
    });
  }

  /** @param {{ client?: unknown }} request */
  #rawOf({ client = this }) {
    if (client instanceof Client) {
      return client.#held.raw;
    }
    const message = `the client of a request must be one of openClient, not ${shown(client)}`;
    throw new InvalidArgument({ argument: 'client', message });
  }

  /** @param {string | null} [version] */
  canSendVersion(version = null) {
    const checked = version === null ? null : wellFormed('version', version);
    return attempt(() => this.#held.raw.canSendVersion(checked));
  }

  get transport() {
    return this.#held.raw.transport();
  }

  get target() {
    const { exchange, topic, namespace, version, server, fanout } = this.#held.raw.target();
    const none = null;
    return {
      exchange: exchange ?? none,
      topic: topic ?? none,
      namespace: namespace ?? none,
      version: version ?? none,
      server: server ?? none,
      fanout,
    };
  }

  get timeout() {
    return Number(this.#held.raw.timeout()) / 1e9;
  }

  get versionCap() {
    return this.#held.raw.versionCap() ?? null;
  }

  get retry() {
    const retry = this.#held.raw.retry() ?? null;
    return retry === null ? null : unsigned(retry);
  }

  get callMonitorTimeout() {
    return seconds(this.#held.raw.callMonitorTimeout());
  }

  get mandatory() {
    return this.#held.raw.mandatory() ?? null;
  }

  get replyBytes() {
    return Number(this.#held.raw.replyBytes());
  }

  [Symbol.dispose]() {
    this.#held.giveBack();
  }
}
