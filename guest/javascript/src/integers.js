/**
 * Integers beyond 2^53 in JSON text, which engines round: they are carried through the engine's own
 * parser and printer as strings. Every string then has a letter in front of it that says what it
 * is, so that no text of anybody can be mistaken for a number.
 */

/**
 * The text with each integer that a number cannot hold, and each string, marked; null when it has no
 * such integer.
 * @param {string} text
 * @returns {string | null}
 */
export function marked(text) {
  if (!LONG.test(text)) {
    return null;
  }
  let found = false;
  const result = text.replace(TOKENS, (token, colon) => {
    if (token.startsWith('"')) {
      return colon === undefined ? `"${STRING}${token.slice(1)}` : token;
    }
    if (!INTEGER.test(token) || Number.isSafeInteger(Number(token))) {
      return token;
    }
    if (token.length > MOST_DIGITS) {
      throw new RangeError(`it has an integer of more than ${MOST_DIGITS} digits`);
    }
    found = true;
    return `"${NUMBER}${token}"`;
  });
  return found ? result : null;
}

/**
 * The value that was parsed from a marked text, without the marks. Not recursive: the engine's stack
 * is small.
 * @param {unknown} value
 * @returns {unknown}
 */
export function unmarked(value) {
  const result = { value };
  /** @type {any[]} */
  const left = [result];
  for (let it = left.pop(); it !== undefined; it = left.pop()) {
    for (const key of Object.keys(it)) {
      const member = it[key];
      if (typeof member === 'string') {
        it[key] = member.startsWith(NUMBER) ? BigInt(member.slice(1)) : member.slice(1);
      } else if (member !== null && typeof member === 'object') {
        left.push(member);
      }
    }
  }
  return result.value;
}

/**
 * A string or a `bigint` as it is printed for `withIntegers`.
 * @param {string | bigint} value
 */
export function mark(value) {
  return typeof value === 'bigint' ? `${NUMBER}${value}` : `${STRING}${value}`;
}

/**
 * What was printed with every string and `bigint` marked, with numbers in their places.
 * @param {string} text
 */
export function withIntegers(text) {
  return text.replace(TOKENS, (token, colon) => {
    if (!token.startsWith('"') || colon !== undefined) {
      return token;
    }
    return token[1] === NUMBER ? token.slice(2, -1) : `"${token.slice(2)}`;
  });
}

const NUMBER = 'n';
const STRING = 's';
const LONG = /\d{16}/;
const INTEGER = /^-?(?:0|[1-9]\d*)$/;
/** A string, with the colon after it if it is a key; or a number. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs;
/** As many as Python's own JSON takes; more would keep the plugin busy for long. */
const MOST_DIGITS = 4300;
