/** The endpoint of a plugin that handles notifications. */
import { read } from './decode.js';
import { nearest } from './nearest.js';
import { PRIORITIES } from './notifier.js';
import { shown, wellFormed } from './text.js';

/** @import * as api from '../types/index.js' */

/**
 * @typedef {{
 *   priorities: string[], publisherId: string | null, eventType: string | null,
 *   context: [string, string][], metadata: [string, string][], payload: [string, string][],
 * }} Filter which notifications it wants
 */

/** What a method returns so that the notification comes again. */
export const REQUEUE = 'requeue';

export class NotificationEndpoint {
  #endpoint;
  #say;
  /** @type {Filter} */
  filter;

  /**
   * @param {any} endpoint what the plugin exports as `notificationEndpoint`
   * @param {(line: string) => void} say what its author is told that is no error
   * @throws {TypeError} when that is no endpoint
   */
  constructor(endpoint, say) {
    if (endpoint === null || typeof endpoint !== 'object' || Array.isArray(endpoint)) {
      const remedy = typeof endpoint === 'function' ? ': an instance of a class is an endpoint' : '';
      throw new TypeError(
        `\`notificationEndpoint\` of the plugin must be an object with a method for each priority that `
        + `it wants, not ${shown(endpoint)}${remedy}`,
      );
    }
    const priorities = PRIORITIES.filter((it) => typeof endpoint[it] === 'function');
    if (priorities.length === 0) {
      throw new TypeError(
        `\`notificationEndpoint\` handles nothing: it has no method ${PRIORITIES.join(', ')}`,
      );
    }
    this.#endpoint = endpoint;
    this.#say = say;
    this.filter = { priorities, ...filterOf(endpoint.filterRule ?? {}) };
  }

  /**
   * Handles a notification; the promise says whether it should come again.
   * @param {Omit<api.Notification, 'context' | 'payload' | 'payloadText'> & { context: string, payload: string }} told
   * @returns {Promise<boolean>}
   */
  async handle({ context, payload, ...about }) {
    const { priority } = about;
    const method = this.#endpoint[priority];
    if (typeof method !== 'function') {
      // The host has asked about the priorities, or it has a mistake.
      throw new TypeError(`\`notificationEndpoint\` has no method ${priority}`);
    }
    const notification = Object.freeze({
      ...about, context: read(context), payload: read(payload), payloadText: payload,
    });
    const result = await method.call(this.#endpoint, notification);
    if (result === REQUEUE) {
      return true;
    }
    if (result !== undefined && result !== null) {
      // Its work is done: to do it again would be worse than what was returned.
      this.#say(
        `${priority}() of \`notificationEndpoint\` returned ${shown(result)}, which says nothing: only `
        + `"${REQUEUE}" has a notification come again`,
      );
    }
    return false;
  }
}

/**
 * @param {any} rule
 * @returns {Omit<Filter, 'priorities'>}
 */
function filterOf(rule) {
  if (typeof rule !== 'object' || Array.isArray(rule)) {
    throw new TypeError(`\`filterRule\` must be an object, not ${shown(rule)}`);
  }
  for (const name of Object.keys(rule)) {
    if (!RULES.includes(name)) {
      const near = nearest(name, RULES);
      const hint = near === null ? `there are ${RULES.join(', ')}` : `did you mean \`${near}\`?`;
      throw new TypeError(`\`filterRule\` has no \`${name}\`; ${hint}`);
    }
  }
  /** @type {(name: string, value: any) => string} */
  const regex = (name, value) => {
    if (value instanceof RegExp) {
      throw new TypeError(
        `\`filterRule.${name}\` must be a string: the host matches it, with the syntax of Python`,
      );
    }
    return wellFormed(`filterRule.${name}`, value);
  };
  /** @type {(name: string) => string | null} */
  const one = (name) => ((rule[name] ?? null) === null ? null : regex(name, rule[name]));
  /** @type {(name: string) => [string, string][]} */
  const many = (name) => {
    const values = rule[name] ?? {};
    if (typeof values !== 'object' || Array.isArray(values)) {
      throw new TypeError(`\`filterRule.${name}\` must be an object of names and texts, not ${shown(values)}`);
    }
    return Object.entries(values).map(([key, value]) => (
      [wellFormed(`filterRule.${name}`, key), regex(`${name}.${key}`, value)]
    ));
  };
  return {
    publisherId: one('publisherId'), eventType: one('eventType'), context: many('context'),
    metadata: many('metadata'), payload: many('payload'),
  };
}

const RULES = ['publisherId', 'eventType', 'context', 'metadata', 'payload'];
