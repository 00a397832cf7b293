import { DEEPEST } from './decode.js';
import { InvalidArgument } from './errors.js';
import { mark, withIntegers } from './integers.js';
import { shown, wellFormed } from './text.js';

/** JSON as text, which is sent as it is; see `types/index.d.ts`. */
export class JsonText {
  /** @param {string} text */
  constructor(text) {
    /** @readonly */
    this.text = wellFormed('text', text);
  }
}

/**
 * The JSON text of a context or of arguments. What `JSON.stringify` would quietly turn into
 * something else is refused by the place where it stands.
 * @param {string} argument
 * @param {unknown} [value]
 * @returns {string}
 */
export function encode(argument, value = {}) {
  if (value instanceof JsonText) {
    return value.text;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    refuse(argument, `\`${argument}\` must be an object, not ${shown(value)}`);
  }
  let text;
  try {
    text = print(argument, value);
  } catch (error) {
    if (error instanceof InvalidArgument) {
      throw error;
    }
    const why = error instanceof Error ? error.message : String(error);
    refuse(argument, `\`${argument}\` does not become JSON: ${why}`);
  }
  if (!text?.startsWith('{')) {
    refuse(argument, `\`${argument}\` must be an object, and ${shown(value)} becomes ${text}`);
  }
  return text;
}

/**
 * The JSON text of any value; `undefined` is null.
 * @param {unknown} value
 * @param {string} [name] what the value is, for who reads what is wrong with it
 * @returns {string}
 */
export function toText(value, name = 'value') {
  return value instanceof JsonText ? value.text : print(name, value) ?? 'null';
}

/**
 * @param {string} argument
 * @param {unknown} value
 * @returns {string | undefined}
 */
function print(argument, value) {
  const check = checker(argument, value);
  let exact = false;
  const text = JSON.stringify(value, function plain(key, member) {
    const checked = check(this, key, member);
    exact ||= typeof checked === 'bigint';
    return typeof checked === 'bigint' ? null : checked;
  });
  if (!exact) {
    return text;
  }
  // Printed again, because only a part of the engines has a way to print digits.
  return withIntegers(JSON.stringify(value, (_, member) => (
    typeof member === 'bigint' || typeof member === 'string' ? mark(member) : member
  )));
}

/**
 * A function that gives a member of the value back, or refuses it by its path.
 * @param {string} argument
 * @param {unknown} root
 * @returns {(holder: any, key: string, member: unknown) => unknown}
 */
function checker(argument, root) {
  /** @type {Map<unknown, { path: string, depth: number }>} */
  const places = new Map();
  return (holder, key, member) => {
    const place = places.get(holder);
    const path = place === undefined ? argument : `${place.path}.${key}`;
    const lost = typeof member === 'number' && !Number.isFinite(member);
    if (lost || typeof member === 'function' || typeof member === 'symbol') {
      refuse(argument, `\`${path}\` is ${shown(member)}, which JSON cannot carry`);
    }
    if (member === null && isNoDate(holder[key])) {
      refuse(argument, `\`${path}\` is a Date that is no date, which JSON cannot carry`);
    }
    if (typeof member === 'number' && isOtherwisePrinted(member)) {
      const remedy = 'give a bigint, or a string';
      refuse(argument, `\`${path}\` is ${member}, which a number does not hold to its last digit: ${remedy}`);
    }
    if (member === null || typeof member !== 'object') {
      return member;
    }
    if (!isPlain(member)) {
      const remedy = 'give it a `toJSON`, or copy its fields into a plain object';
      refuse(argument, `\`${path}\` is ${shown(member)}, which JSON cannot carry: ${remedy}`);
    }
    const depth = (place?.depth ?? 0) + 1;
    if (depth > DEEPEST) {
      refuse(argument, `\`${argument}\` is nested more than ${DEEPEST} levels deep`);
    }
    places.set(member, { path, depth });
    return member;
  };
}

/**
 * Whether it is a `Date` of no time, whose `toJSON` gives null.
 * @param {any} value
 */
function isNoDate(value) {
  return typeof value?.getTime === 'function' && Number.isNaN(value.getTime());
}

/**
 * Whether it would be sent as a whole number that it is not: from 2 ** 53 on a number is the nearest of
 * several, and printed with the fewest digits that tell it from its neighbours. Beyond 1e21 it is
 * printed as a fraction with an exponent, as others do.
 * @param {number} value
 */
function isOtherwisePrinted(value) {
  return Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21
    && String(BigInt(value)) !== String(value);
}

/**
 * Whether JSON has all of it: an array, or an object of no class. What has a `toJSON` has become
 * another value before.
 * @param {object} value
 */
function isPlain(value) {
  if (Array.isArray(value)) {
    return true;
  }
  const prototype = Object.getPrototypeOf(value);
  // The second is `Object.prototype`, also that of another realm, such as a test runner's.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * @param {string} argument
 * @param {string} message
 * @returns {never}
 */
function refuse(argument, message) {
  throw new InvalidArgument({ argument, message });
}
