import { notifier as host } from '#host';

import { encode, JsonText, toText } from './encode.js';
import { InvalidArgument } from './errors.js';
import { Held } from './held.js';
import { attempt, retried } from './host-call.js';
import { nearest } from './nearest.js';
import { notifierSettings } from './settings.js';
import { shown, wellFormed } from './text.js';

/** @import * as api from '../types/index.js' */

/**
 * Opens a notifier of a transport that the host granted; see `types/notifications.d.ts`.
 * @param {string | null} [publisherId]
 * @param {api.NotifierOptions} [options]
 * @returns {api.Notifier}
 */
export function openNotifier(publisherId = null, options = {}) {
  const { transport, topics, settings } = notifierSettings(options);
  const id = publisherId === null ? null : wellFormed('publisherId', publisherId);
  return new Notifier(retried(() => attempt(() => {
    /** @type {any} */
    const raw = host.Notifier.open(transport, id);
    try {
      if (topics !== undefined) {
        raw.setTopics(topics);
      }
      for (const [setter, value] of settings) {
        raw[setter](value);
      }
    } catch (error) {
      raw[Symbol.dispose]();
      throw error;
    }
    return raw;
  })));
}

/** @implements {api.Notifier} */
class Notifier {
  #held;

  /** @param {any} raw */
  constructor(raw) {
    this.#held = new Held('notifier', raw);
  }

  /**
   * @param {api.Priority} priority
   * @param {api.Json | undefined} context
   * @param {string} eventType
   * @param {unknown} [payload]
   */
  async notify(priority, context, eventType, payload) {
    const [urgency, about] = [known(priority), encode('context', context)];
    const [event, told] = [wellFormed('eventType', eventType), json(payload)];
    const { raw } = this.#held;
    attempt(() => host.notify(raw, urgency, about, event, told));
  }

  /** @type {api.Notifier['audit']} */
  audit(context, eventType, payload) {
    return this.notify('audit', context, eventType, payload);
  }

  /** @type {api.Notifier['audit']} */
  debug(context, eventType, payload) {
    return this.notify('debug', context, eventType, payload);
  }

  /** @type {api.Notifier['audit']} */
  info(context, eventType, payload) {
    return this.notify('info', context, eventType, payload);
  }

  /** @type {api.Notifier['audit']} */
  warn(context, eventType, payload) {
    return this.notify('warn', context, eventType, payload);
  }

  /** @type {api.Notifier['audit']} */
  error(context, eventType, payload) {
    return this.notify('error', context, eventType, payload);
  }

  /** @type {api.Notifier['audit']} */
  critical(context, eventType, payload) {
    return this.notify('critical', context, eventType, payload);
  }

  /** @type {api.Notifier['audit']} */
  sample(context, eventType, payload) {
    return this.notify('sample', context, eventType, payload);
  }

  get transport() {
    return this.#held.raw.transport();
  }

  get publisherId() {
    return this.#held.raw.publisherId() ?? null;
  }

  get topics() {
    return this.#held.raw.topics();
  }

  [Symbol.dispose]() {
    this.#held.giveBack();
  }
}

/** @type {api.Priority[]} */
export const PRIORITIES = ['audit', 'debug', 'info', 'warn', 'error', 'critical', 'sample'];

/**
 * A priority that there is.
 * @param {any} priority
 */
function known(priority) {
  if (!PRIORITIES.includes(priority)) {
    const near = typeof priority === 'string' ? nearest(priority, PRIORITIES) : null;
    const hint = near === null ? `there are ${PRIORITIES.join(', ')}` : `did you mean \`${near}\`?`;
    const message = `there is no priority ${shown(priority)}; ${hint}`;
    throw new InvalidArgument({ argument: 'priority', message });
  }
  return priority;
}

/**
 * The JSON text of a payload, which may be any value.
 * @param {unknown} payload
 */
function json(payload = null) {
  if (payload instanceof JsonText) {
    return payload.text;
  }
  try {
    return toText(payload, 'payload');
  } catch (error) {
    if (error instanceof InvalidArgument) {
      throw new InvalidArgument({ argument: 'payload', message: error.message });
    }
    const why = error instanceof Error ? error.message : String(error);
    const message = `\`payload\` does not become JSON: ${why}`;
    throw new InvalidArgument({ argument: 'payload', message }, { cause: error });
  }
}
