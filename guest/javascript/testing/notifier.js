/** Notifiers as the host has them. */
import { byteLength, MOST, object } from './message.js';
import { refused } from './refused.js';
import { read } from '../src/decode.js';
import { granted } from './terms.js';

export class Notifier {
  #transport;
  #publisherId;
  /** @type {string[]} */
  #topics = TOPICS;

  /**
   * @param {string} transport
   * @param {string | null} publisherId
   */
  constructor(transport, publisherId) {
    this.#transport = transport;
    this.#publisherId = publisherId;
  }

  /**
   * @param {string} transport
   * @param {string | null} publisherId
   */
  static open(transport, publisherId) {
    granted(transport);
    return new Notifier(transport, publisherId);
  }

  /** @param {string[] | null} topics */
  setTopics(topics) {
    if (topics?.length === 0 || topics?.includes('')) {
      const message = 'a notification goes to one topic or more, whose names are not empty';
      throw refused('invalid-argument', { argument: 'topics', message });
    }
    this.#topics = topics ?? TOPICS;
  }

  setTimeout() {}

  setRetry() {}

  transport() {
    return this.#transport;
  }

  publisherId() {
    return this.#publisherId;
  }

  topics() {
    return this.#topics;
  }

  /** Nothing is to be asked of it then, as of the host's. */
  [Symbol.dispose]() {
    this.#transport = /** @type {any} */ (null);
  }
}

/**
 * @param {Notifier} notifier
 * @param {string} priority
 * @param {string} context
 * @param {string} eventType
 * @param {string} payload
 */
export function notify(notifier, priority, context, eventType, payload) {
  const size = [context, eventType, payload].reduce((sum, text) => sum + byteLength(text), 0);
  if (size > MOST) {
    const message = `the notification has ${size} bytes, and ${MOST} are allowed`;
    throw refused('limit-exceeded', { limit: 'request-bytes', message });
  }
  let value;
  try {
    value = read(payload);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refused('invalid-argument', { argument: 'payload', message: `it is not JSON: ${why}` });
  }
  granted(notifier.transport()).notifications.push({
    topics: notifier.topics(), priority, publisherId: notifier.publisherId(), eventType,
    context: object('context', context), payload: value,
  });
}

const TOPICS = ['notifications'];
