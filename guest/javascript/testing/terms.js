/** Clients and options as the host has them. */
import { refused } from './refused.js';
import { names, transportOf } from './transport.js';

export class Options {
  /** @type {Record<string, any>} */
  settings = {};

  /** Nothing is to be set in them then, as in the host's. */
  [Symbol.dispose]() {
    this.settings = /** @type {any} */ (null);
  }
}

// A setter for each setting of `options` in WIT.
for (const setting of [
  'exchange', 'topic', 'namespace', 'version', 'server', 'fanout', 'timeout', 'versionCap',
  'retry', 'callMonitorTimeout', 'mandatory', 'replyBytes',
]) {
  const setter = `set${setting[0].toUpperCase()}${setting.slice(1)}`;
  Object.defineProperty(Options.prototype, setter, {
    /**
     * @this {Options}
     * @param {any} value
     */
    value(value) {
      this.settings[setting] = value;
    },
  });
}

export class Client {
  /** @param {Record<string, any>} terms */
  constructor(terms) {
    this.terms = terms;
  }

  /**
   * @param {string} name
   * @param {Record<string, any>} target
   * @param {Options | null} options
   */
  static open(name, target, options) {
    granted(name);
    const terms = {
      ...target, transport: name, timeout: null, versionCap: null, retry: null, callMonitorTimeout: null,
      mandatory: null, replyBytes: null,
    };
    return new Client(changed(terms, options));
  }

  /** @param {Options} options */
  prepare(options) {
    return new Client(changed(this.terms, options));
  }

  /** @param {string | null} version */
  canSendVersion(version) {
    checkVersion('version', version);
    return canSend(version ?? this.terms.version, this.terms.versionCap);
  }

  transport() {
    return this.terms.transport;
  }

  target() {
    return targetOf(this.terms);
  }

  timeout() {
    return nanoseconds(this.terms);
  }

  versionCap() {
    return this.terms.versionCap;
  }

  retry() {
    return this.terms.retry;
  }

  callMonitorTimeout() {
    return this.terms.callMonitorTimeout;
  }

  mandatory() {
    return this.terms.mandatory;
  }

  replyBytes() {
    return replyBytes(this.terms);
  }

  /** Nothing is to be asked of it then, as of the host's. */
  [Symbol.dispose]() {
    this.terms = /** @type {any} */ (null);
  }
}

/**
 * Terms with what options change of them.
 * @param {Record<string, any>} terms
 * @param {Options | null} options
 */
export function changed(terms, options) {
  const all = { ...terms, ...options?.settings };
  all.fanout ??= false;
  checkVersion('version', all.version);
  checkVersion('version-cap', all.versionCap);
  return all;
}

/** @param {Record<string, any>} terms */
export function targetOf({ exchange, topic, namespace, version, server, fanout }) {
  return { exchange, topic, namespace, version, server, fanout };
}

/** @param {Record<string, any>} terms */
export function nanoseconds({ timeout, transport }) {
  return timeout ?? Math.round(granted(transport).timeout * 1e9);
}

/**
 * The transport that has this name now: another test may have granted another one.
 * @param {string} name
 */
export function granted(name) {
  const transport = transportOf(name);
  if (transport === undefined) {
    throw refused('access-denied', {
      rule: 'default',
      message: `no transport \`${name}\` is granted; grantTransport of oslo-messaging-guest/testing `
        + `grants one, and there are: ${names().join(', ') || 'none'}`,
    });
  }
  return transport;
}

/** @param {Record<string, any>} terms */
export function replyBytes(terms) {
  return Math.min(terms.replyBytes ?? MOST, MOST);
}

/**
 * Whether a version fits a cap: the same major, and no higher.
 * @param {string | null} version
 * @param {string | null} cap
 */
export function canSend(version, cap) {
  if (cap === null) {
    return true;
  }
  if (version === null) {
    return false;
  }
  const [[major, minor, revision = 0], [capMajor, capMinor, capRevision = 0]] = [version, cap]
    .map((it) => it.split('.').map(Number));
  return major === capMajor
    && (minor < capMinor || (minor === capMinor && revision <= capRevision));
}

/**
 * @param {string} argument
 * @param {string | null} version
 */
function checkVersion(argument, version) {
  if (version !== null && !/^\d+\.\d+(\.\d+)?$/.test(version)) {
    const message = `a version is \`major.minor\` or \`major.minor.revision\`, not \`${version}\``;
    throw refused('invalid-argument', { argument, message });
  }
}

/** 64 MiB, as a host that its operator left as it is. */
const MOST = 64 * 2 ** 20;
