import { InvalidArgument } from './errors.js';

/**
 * A text that the host can take: a string without half a character.
 * @param {string} argument
 * @param {unknown} value
 * @returns {string}
 */
export function wellFormed(argument, value) {
  if (typeof value !== 'string') {
    const message = `\`${argument}\` must be a string, not ${shown(value)}`;
    throw new InvalidArgument({ argument, message });
  }
  if (!value.isWellFormed()) {
    const message = `\`${argument}\` has half of a surrogate pair in it`;
    throw new InvalidArgument({ argument, message });
  }
  return value;
}

/**
 * A value as an error message shows it.
 * @param {unknown} value
 * @returns {string}
 */
export function shown(value) {
  if (typeof value === 'string') {
    return JSON.stringify(value);
  }
  if (typeof value === 'function') {
    return 'a function';
  }
  if (value === null || typeof value !== 'object') {
    return String(value);
  }
  try {
    if (Array.isArray(value)) {
      return 'an array';
    }
    const name = value.constructor?.name || 'object without a class';
    return `${/^[AEIO]/i.test(name) ? 'an' : 'a'} ${name}`;
  } catch {
    // A proxy that was revoked, or a getter that throws.
    return 'an object that cannot be read';
  }
}
