import { InvalidArgument } from './errors.js';
import { nearest } from './nearest.js';
import { shown, wellFormed } from './text.js';

/**
 * Settings as the host's setters take them. Absent or undefined is inherited, null is "given none".
 * @param {unknown} given
 */
export function settings(given) {
  return setters('setting', SETTINGS, object('settings', given), []);
}

/**
 * The options of a new client: its transport, and its defaults.
 * @param {unknown} given
 */
export function clientSettings(given) {
  const { transport = 'default', ...rest } = object('options', given);
  const name = wellFormed('transport', transport);
  return { transport: name, settings: setters('option', CLIENT_SETTINGS, rest, ['transport']) };
}

/**
 * The options of a new notifier: its transport, topics and settings.
 * @param {unknown} given
 */
export function notifierSettings(given) {
  const { transport = 'default', topics, ...rest } = object('options', given);
  const own = ['transport', 'topics'];
  const name = wellFormed('transport', transport);
  const { timeout, retry } = CLIENT_SETTINGS;
  return { transport: name, topics: listed(topics), settings: setters('option', { timeout, retry }, rest, own) };
}

/**
 * The names of topics; null: the operator's, undefined: not given.
 * @param {unknown} topics
 */
function listed(topics) {
  if (topics === undefined || topics === null) {
    return topics;
  }
  if (!Array.isArray(topics)) {
    refuse('topics', `\`topics\` must be an array of strings, not ${shown(topics)}`);
  }
  return topics.map((topic) => wellFormed('topics', topic));
}

/**
 * The options of one message: its settings, and what the SDK does itself.
 * @param {unknown} given
 * @param {string[]} own what the SDK does for this verb
 */
export function messageSettings(given, own) {
  const { signal, reply, ...rest } = object('options', given);
  for (const [name, value] of Object.entries({ signal, reply })) {
    if (value !== undefined && !own.includes(name)) {
      known('option', [...Object.keys(SETTINGS), ...own], { [name]: value });
    }
  }
  const isSignal = ['throwIfAborted', 'addEventListener', 'removeEventListener']
    .every((name) => typeof signal?.[name] === 'function');
  if (signal !== undefined && !isSignal) {
    refuse('signal', `\`signal\` must be an AbortSignal, not ${shown(signal)}`);
  }
  if (reply !== undefined && typeof reply !== 'function') {
    refuse('reply', `\`reply\` must be a function of the reply, not ${shown(reply)}`);
  }
  return { signal, reply, settings: setters('option', SETTINGS, rest, own) };
}

/**
 * One request of many, with every field that it may have.
 * @param {unknown} given
 */
export function requestFields(given) {
  const request = object('request', given);
  known('field of a request', REQUEST, request);
  return request;
}

/**
 * A target as the host takes it, with every field.
 * @param {unknown} given
 */
export function hostTarget(given) {
  const target = object('target', given);
  known('field of a target', [...TARGET, 'fanout'], target);
  /** @type {Record<string, unknown>} */
  const fields = { fanout: boolean('fanout', target.fanout ?? false) };
  for (const name of TARGET) {
    const value = target[name] ?? null;
    fields[name] = value === null ? null : wellFormed(name, value);
  }
  return fields;
}

/**
 * @typedef {(name: string, value: unknown) => unknown} Check
 * @typedef {[setter: string, value: any][]} Setters
 */

/**
 * @param {string} what
 * @param {Record<string, Check>} allowed
 * @param {Record<string, unknown>} values
 * @param {string[]} alsoKnown
 * @returns {Setters}
 */
function setters(what, allowed, values, alsoKnown) {
  known(what, [...Object.keys(allowed), ...alsoKnown], values);
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [setter(name), value === null ? null : allowed[name](name, value)]);
}

/**
 * @param {string} what
 * @param {string[]} names
 * @param {Record<string, unknown>} given
 */
function known(what, names, given) {
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) {
      const near = nearest(name, names);
      const hint = near === null ? `there are ${names.join(', ')}` : `did you mean \`${near}\`?`;
      refuse(name, `there is no ${what} \`${name}\`; ${hint}`);
    }
  }
}

/**
 * @param {string} argument
 * @param {unknown} value
 * @returns {Record<string, any>}
 */
function object(argument, value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    refuse(argument, `the ${argument} must be an object, not ${shown(value)}`);
  }
  return value;
}

/** @type {Check} */
function boolean(name, value) {
  if (typeof value !== 'boolean') {
    refuse(name, `\`${name}\` must be true or false, not ${shown(value)}`);
  }
  return value;
}

/**
 * Nanoseconds; a number holds each of them up to the limit.
 * @type {Check}
 */
function seconds(name, value) {
  if (typeof value !== 'number' || !(value >= 0 && value <= LONGEST)) {
    refuse(name, `\`${name}\` must be seconds, a number from 0 to ${LONGEST}, not ${shown(value)}`);
  }
  return Math.round(value * 1e9);
}

/**
 * 32 bits, which the toolchain takes as a number with a sign.
 * @type {Check}
 */
function count(name, value) {
  return whole(name, value, 0xffff_ffff) | 0;
}

/** @type {Check} */
function bytes(name, value) {
  return whole(name, value, Number.MAX_SAFE_INTEGER);
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {number} most
 */
function whole(name, value, most) {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most) {
    refuse(name, `\`${name}\` must be a whole number from 0 to ${most}, not ${shown(value)}`);
  }
  return value;
}

/**
 * @param {string} argument
 * @param {string} message
 * @returns {never}
 */
function refuse(argument, message) {
  throw new InvalidArgument({ argument, message });
}

/** @param {string} name */
function setter(name) {
  return `set${name[0].toUpperCase()}${name.slice(1)}`;
}

const REQUEST = ['method', 'args', 'context', 'settings', 'client'];
const TARGET = ['exchange', 'topic', 'namespace', 'version', 'server'];

/** @type {Record<string, Check>} */
const CLIENT_SETTINGS = {
  timeout: seconds,
  versionCap: wellFormed,
  retry: count,
  callMonitorTimeout: seconds,
  mandatory: boolean,
  replyBytes: bytes,
};

/** @type {Record<string, Check>} */
const SETTINGS = {
  ...Object.fromEntries(TARGET.map((name) => [name, wellFormed])),
  fanout: boolean,
  ...CLIENT_SETTINGS,
};

/** About 104 days. */
const LONGEST = 9_000_000;
