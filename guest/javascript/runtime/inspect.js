/** Values as text for people. */
export function inspect(value) {
  if (typeof value === 'string') {
    return value;
  }
  if (value instanceof Error) {
    const cause = value.cause === undefined ? '' : `\ncaused by ${inspect(value.cause)}`;
    return `${title(value)}\n${(value.stack ?? '').trimEnd()}${cause}`;
  }
  if (value === null || typeof value !== 'object') {
    return typeof value === 'bigint' ? `${value}n` : String(value);
  }
  const seen = new Set();
  const show = (_, member) => {
    if (typeof member === 'bigint') {
      return `${member}n`;
    }
    if (member instanceof Error) {
      return title(member);
    }
    if (member instanceof Map || member instanceof Set) {
      return [...member];
    }
    if (member !== null && typeof member === 'object') {
      if (seen.has(member)) {
        return '[seen above]';
      }
      seen.add(member);
    }
    return member;
  };
  return JSON.stringify(value, show) ?? String(value);
}

/** An error in a line; some have more to say than their message. */
function title(error) {
  const said = String(error);
  return said.startsWith(error.name) ? said : `${error.name}: ${said}`;
}

/** What to do about a name that other runtimes have and plugins do not. */
export function hint(error) {
  const name = error instanceof ReferenceError && /^(\w+) is not defined$/.exec(error.message)?.[1];
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
