/** A listener in a test, with the filter of the host. */
import { read } from '../src/decode.js';
import { encode, toText } from '../src/encode.js';
import { NotificationEndpoint } from '../src/notifications.js';

/** @import * as api from '../types/testing.js' */

/**
 * Hands notifications to an endpoint; see `types/testing.d.ts`.
 * @param {unknown} notificationEndpoint
 * @returns {api.TestListener}
 */
export function handleWith(notificationEndpoint) {
  const endpoint = new NotificationEndpoint(notificationEndpoint, (line) => console.error(line));
  const { filter } = endpoint;
  let count = 0;
  return {
    async notify(priority, eventType, payload = null, options = {}) {
      count += 1;
      const {
        context = {}, publisherId = 'test', messageId = `message-${count}`,
        timestamp = '2026-01-02 03:04:05.000600', redelivered = false,
      } = options;
      const texts = { context: encode('context', context), payload: toText(payload, 'payload') };
      const metadata = { message_id: messageId, timestamp };
      const isWanted = filter.priorities.includes(priority)
        && [[filter.publisherId, publisherId], [filter.eventType, eventType]].every(matches)
        && [
          [filter.context, read(texts.context)], [filter.metadata, metadata], [filter.payload, read(texts.payload)],
        ].every(([rules, values]) => rules.every((/** @type {[string, string]} */ [name, regex]) => (
          matches([regex, Object.hasOwn(Object(values), name) ? values[name] : null])
        )));
      if (!isWanted) {
        return 'filtered';
      }
      const told = { priority, publisherId, eventType, messageId, timestamp, redelivered, ...texts };
      return await endpoint.handle(told) ? 'requeue' : 'handled';
    },
  };
}

/**
 * Whether a value matches a regular expression from its beginning. What is no text does not.
 * @param {any[]} pair
 */
function matches([regex, value]) {
  return regex === null || (typeof value === 'string' && new RegExp(regex, 'y').test(value));
}
