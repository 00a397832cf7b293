import { placed } from '../src/lines.js';

/**
 * Values as text for people. It never throws, whatever a plugin threw and its getters do: it is asked where
 * a second error would be the end of the instance.
 */
export function inspect(value) {
  const said = [attempt(() => one(value), UNKNOWN)];
  const seen = new Set([value]);
  for (let it = causeOf(value); it !== undefined && said.length < MOST_CAUSES; it = causeOf(it)) {
    const error = it;
    if (seen.has(error)) {
      said.push('one of the errors above');
      break;
    }
    seen.add(error);
    said.push(attempt(() => one(error), UNKNOWN));
  }
  return said.join('\ncaused by ');
}

const UNKNOWN = 'something that cannot be shown';

/** How many errors of a chain are shown: more than a mistake that somebody can follow has. */
const MOST_CAUSES = 16;

function causeOf(value) {
  return attempt(() => (value instanceof Error ? value.cause : undefined), undefined);
}

function attempt(action, otherwise) {
  try {
    return action();
  } catch {
    return otherwise;
  }
}

/** A value without its causes. */
function one(value) {
  if (typeof value === 'string') {
    return value;
  }
  if (value instanceof Error) {
    return `${title(value)}\n${placed(String(value.stack ?? '')).trimEnd()}`;
  }
  if (value === null || typeof value !== 'object') {
    return typeof value === 'bigint' ? `${value}n` : String(value);
  }
  /** How deep what was seen stands. */
  const seen = new Map();
  /** @this {object} what has the member */
  const show = function show(_, member) {
    if (typeof member === 'bigint') {
      return `${member}n`;
    }
    if (member instanceof Error) {
      return title(member);
    }
    const shown = member instanceof Map || member instanceof Set ? [...member] : member;
    if (shown !== null && typeof shown === 'object') {
      const depth = (seen.get(this) ?? 0) + 1;
      if (seen.has(member)) {
        return '[seen above]';
      }
      if (depth > DEEPEST) {
        return '[more]';
      }
      seen.set(member, depth).set(shown, depth);
    }
    return shown;
  };
  return JSON.stringify(value, show) ?? String(value);
}

/** How many levels of a value are shown: the engine's stack has no place for many. */
const DEEPEST = 100;

/** An error in a line; some have more to say than their message. */
function title(error) {
  const said = String(error);
  return said.startsWith(error.name) ? said : `${error.name}: ${said}`;
}

/** What to do about a name that other runtimes have and plugins do not. */
export function hint(error) {
  const name = attempt(
    () => error instanceof ReferenceError && /^(\w+) is not defined$/.exec(error.message)?.[1], null,
  );
  if (!name || !Object.hasOwn(ABSENT, name)) {
    return '';
  }
  return `\n\`${name}\` does not exist in a plugin: ${ABSENT[name]}`;
}

const NO_NETWORK = 'it has no network, only the clients that openClient gives';
const NO_NODE = 'it is not a program of Node.js';
const ABSENT = {
  fetch: NO_NETWORK,
  XMLHttpRequest: NO_NETWORK,
  WebSocket: NO_NETWORK,
  process: `${NO_NODE}; main gets the arguments`,
  require: `${NO_NODE}; import what it needs`,
  Buffer: `${NO_NODE}; use Uint8Array and TextEncoder`,
  setImmediate: `${NO_NODE}; use setTimeout`,
  URL: 'its engine has no web interfaces',
  structuredClone: 'its engine has no web interfaces',
};
