import { InvalidArgument, InvalidReply } from './errors.js';

/**
 * The JSON text of a context or of arguments. What `JSON.stringify` would quietly turn into
 * something else is refused by the place where it stands.
 */
export function encode(argument, value = {}) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new InvalidArgument(argument, `\`${argument}\` must be an object, not ${shown(value)}`);
  }
  const places = new Map([[value, { path: argument, depth: 1 }]]);
  const check = function check(key, member) {
    const place = places.get(this);
    const here = place === undefined ? argument : `${place.path}.${key}`;
    if (typeof member === 'bigint') {
      return JSON.rawJSON(String(member));
    }
    const lost = typeof member === 'number' && !Number.isFinite(member);
    if (lost || typeof member === 'function' || typeof member === 'symbol'
      || member instanceof Map || member instanceof Set) {
      throw new InvalidArgument(
        argument,
        `\`${here}\` is ${shown(member)}, which JSON cannot carry`,
      );
    }
    if (member !== null && typeof member === 'object') {
      const depth = (place?.depth ?? 0) + 1;
      if (depth > DEEPEST) {
        throw new InvalidArgument(
          argument,
          `\`${argument}\` is nested more than ${DEEPEST} levels deep`,
        );
      }
      places.set(member, { path: here, depth });
    }
    return member;
  };
  try {
    return JSON.stringify(value, check);
  } catch (error) {
    if (error instanceof InvalidArgument) {
      throw error;
    }
    throw new InvalidArgument(argument, `\`${argument}\` does not become JSON: ${error.message}`);
  }
}

/** The value of a reply. */
export function decode(text) {
  if (isTooDeep(text)) {
    throw new InvalidReply(
      `the reply is nested more than ${DEEPEST} levels deep; callText gives it as text`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidReply(`the reply is not JSON: ${error.message}`);
  }
}

/** A text that the host can take: a string without half a character. */
export function wellFormed(argument, value) {
  if (typeof value !== 'string') {
    throw new InvalidArgument(argument, `\`${argument}\` must be a string, not ${shown(value)}`);
  }
  if (!value.isWellFormed()) {
    throw new InvalidArgument(argument, `\`${argument}\` has half of a surrogate pair in it`);
  }
  return value;
}

/** A value as an error message shows it. */
export function shown(value) {
  if (typeof value === 'string') {
    return JSON.stringify(value);
  }
  if (value === null || typeof value !== 'object') {
    return typeof value === 'function' ? 'a function' : String(value);
  }
  return Array.isArray(value) ? 'an array' : `a ${value.constructor?.name ?? 'object'}`;
}

/** The parser is recursive, and the end of the engine's stack is the end of the plugin. */
function isTooDeep(text) {
  if (text.split('[').length + text.split('{').length <= DEEPEST) {
    return false;
  }
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === '[' || token === '{') {
      depth += 1;
      if (depth > DEEPEST) {
        return true;
      }
    } else if (token === ']' || token === '}') {
      depth -= 1;
    }
  }
  return false;
}

/** Less than half of what the parser survives in an empty stack. */
const DEEPEST = 1000;
