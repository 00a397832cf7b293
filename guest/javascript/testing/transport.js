/** The transports that a test grants. */

const granted = new Map();

/** @import * as api from '../types/testing.js' */

/**
 * @param {{ [name: string]: api.Method }} methods
 * @param {{ name?: string, timeout?: number }} [options]
 * @returns {api.GrantedTransport}
 */
export function grantTransport(methods, { name = 'default', timeout = 60 } = {}) {
  for (const [method, answer] of Object.entries(methods)) {
    if (typeof answer !== 'function') {
      throw new TypeError(`the method \`${method}\` must be a function, not ${typeof answer}`);
    }
  }
  const transport = new Transport(name, new Map(Object.entries(methods)), timeout);
  granted.set(name, transport);
  return transport;
}

/**
 * @param {number} seconds
 * @param {api.Method} method
 * @returns {api.Method}
 */
export function after(seconds, method) {
  return Object.assign(method.bind(null), { [DELAY]: seconds });
}

/**
 * How many seconds a method takes.
 * @param {any} method
 * @returns {number}
 */
export function delayOf(method) {
  return method[DELAY] ?? 0;
}

/** @param {string} name */
export function transportOf(name) {
  return granted.get(name);
}

export function names() {
  return [...granted.keys()].sort();
}

/** @implements {api.GrantedTransport} */
class Transport {
  /** @type {any[]} */
  sent = [];
  /** @type {any[]} */
  notifications = [];

  /**
   * @param {string} name
   * @param {Map<string, any>} methods
   * @param {number} timeout
   */
  constructor(name, methods, timeout) {
    /** @readonly */
    this.name = name;
    this.methods = methods;
    this.timeout = timeout;
  }

  [Symbol.dispose]() {
    if (granted.get(this.name) === this) {
      granted.delete(this.name);
    }
  }
}

const DELAY = Symbol('delay');
