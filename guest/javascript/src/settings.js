import { InvalidArgument } from './errors.js';
import { shown, wellFormed } from './message.js';
import { nearest } from './nearest.js';

/** Settings as the host takes them: absent or undefined is inherited, null is "given none". */
export function settings(given) {
  return list('setting', SETTINGS, given);
}

/** The options of a new client: its transport, and its defaults. */
export function clientSettings(given) {
  const options = object('options', given);
  const { transport = 'default', ...rest } = options;
  wellFormed('transport', transport);
  return { transport, settings: list('option', CLIENT_SETTINGS, rest, ['transport']) };
}

/** A target as the host takes it, with every field. */
export function hostTarget(given) {
  const target = object('target', given);
  known('field of a target', [...Object.keys(TARGET), 'fanout'], target);
  const fields = { fanout: boolean('fanout', target.fanout ?? false) };
  for (const name of Object.keys(TARGET)) {
    const value = target[name] ?? null;
    fields[name] = value === null ? null : wellFormed(name, value);
  }
  return fields;
}

function list(what, allowed, given, alsoKnown = []) {
  const values = object('settings', given);
  known(what, [...Object.keys(allowed), ...alsoKnown], values);
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({
      tag: kebab(name),
      val: value === null ? null : allowed[name](name, value),
    }));
}

function known(what, names, given) {
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) {
      const near = nearest(name, names);
      const hint = near === null ? `there are ${names.join(', ')}` : `did you mean \`${near}\`?`;
      throw new InvalidArgument(name, `there is no ${what} \`${name}\`; ${hint}`);
    }
  }
}

function object(argument, value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new InvalidArgument(argument, `the ${argument} must be an object, not ${shown(value)}`);
  }
  return value;
}

function boolean(name, value) {
  if (typeof value !== 'boolean') {
    throw new InvalidArgument(name, `\`${name}\` must be true or false, not ${shown(value)}`);
  }
  return value;
}

/** Nanoseconds; a number holds each of them up to the limit. */
function seconds(name, value) {
  if (typeof value !== 'number' || !(value >= 0 && value <= LONGEST)) {
    throw new InvalidArgument(
      name,
      `\`${name}\` must be seconds, a number from 0 to ${LONGEST}, not ${shown(value)}`,
    );
  }
  return Math.round(value * 1e9);
}

function count(name, value) {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new InvalidArgument(
      name,
      `\`${name}\` must be a whole number from 0 to 4294967295, not ${shown(value)}`,
    );
  }
  return value;
}

function kebab(name) {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

const TARGET = {
  exchange: wellFormed,
  topic: wellFormed,
  namespace: wellFormed,
  version: wellFormed,
  server: wellFormed,
};

const CLIENT_SETTINGS = {
  timeout: seconds,
  versionCap: wellFormed,
  retry: count,
  callMonitorTimeout: seconds,
  atLeastOnce: boolean,
};

const SETTINGS = { ...TARGET, fanout: boolean, ...CLIENT_SETTINGS };

/** About 104 days. */
const LONGEST = 9_000_000;
