import { InvalidReply } from './errors.js';
import { marked, unmarked } from './integers.js';

/**
 * The value of a reply. An integer that a number cannot hold is a `bigint`.
 * @param {string} text
 * @returns {any}
 */
export function decode(text) {
  if (isTooDeep(text)) {
    const message = `the reply is nested more than ${DEEPEST} levels deep; callText gives it as text`;
    throw new InvalidReply({ message });
  }
  try {
    return parsed(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `the reply cannot be read, callText gives it as text: ${why}`;
    throw new InvalidReply({ message }, { cause });
  }
}

/**
 * The value of what somebody else sent, as `decode` has it.
 * @param {string} text
 * @returns {any}
 */
export function read(text) {
  if (isTooDeep(text)) {
    throw new RangeError(`it is nested more than ${DEEPEST} levels deep`);
  }
  return parsed(text);
}

/** @param {string} text */
function parsed(text) {
  const exact = marked(text);
  return exact === null ? JSON.parse(text) : unmarked(JSON.parse(exact));
}

/**
 * The parser is recursive, and the end of the engine's stack is the end of the plugin.
 * @param {string} text
 */
function isTooDeep(text) {
  if (text.split('[').length + text.split('{').length <= DEEPEST) {
    return false;
  }
  let depth = 0;
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]/gs)) {
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
export const DEEPEST = 1000;
