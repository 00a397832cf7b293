/** The endpoints of a plugin that serves, and the requests for their methods. */
import { read } from '../decode.js';
import { toText } from '../encode.js';
import { nearest } from '../nearest.js';
import { shown, wellFormed } from '../text.js';

/**
 * @typedef {{
 *   namespace: string | null, legacyNamespaces: (string | null)[], version: string | null,
 *   methods: string[],
 * }} Described an endpoint as the host is told of it
 */

/**
 * @typedef {Omit<import('../../types/serving.js').ServedRequest, 'argsText' | 'contextText'> & {
 *   endpoint: number, args: string, context: string,
 * }} Asked a request that the host has found a method for
 */

export class Endpoints {
  #endpoints;
  /** @type {Described[]} */
  #described;

  /**
   * @param {unknown} endpoints what the plugin exports by that name
   * @throws {TypeError} when that is no list of endpoints
   */
  constructor(endpoints) {
    if (!Array.isArray(endpoints)) {
      throw new TypeError(`\`endpoints\` of the plugin must be or return an array, not ${shown(endpoints)}`);
    }
    this.#endpoints = endpoints;
    this.#described = endpoints.map((endpoint, index) => described(`endpoints[${index}]`, endpoint));
  }

  /** What the host is told. */
  described() {
    return this.#described;
  }

  /**
   * Runs a method; the promise is for the JSON text of what it returns, and is rejected with what it
   * throws.
   * @param {Asked} asked
   * @returns {Promise<string>}
   */
  async run({ endpoint: index, args: argsText, context: contextText, ...about }) {
    const { method } = about;
    const endpoint = this.#endpoints[index];
    if (!this.#described[index]?.methods.includes(method)) {
      throw new Error(`there is no endpoint ${index} with a method \`${method}\``);
    }
    const args = object(`${method}(): its arguments`, argsText);
    const context = object(`${method}(): its context`, contextText);
    const request = Object.freeze({ ...about, argsText, contextText });
    const result = await endpoint[method](context, args, request);
    try {
      return toText(result, 'result');
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new RangeError(`${method}(): ${why}`, { cause });
    }
  }
}

/**
 * @param {string} place
 * @param {any} endpoint
 * @returns {Described}
 */
function described(place, endpoint) {
  if (typeof endpoint === 'function') {
    throw new TypeError(`\`${place}\` is ${shown(endpoint)}: an instance of a class is an endpoint`);
  }
  if (endpoint === null || typeof endpoint !== 'object') {
    throw new TypeError(`\`${place}\` must be an object with methods, not ${shown(endpoint)}`);
  }
  const target = endpoint.target ?? {};
  if (typeof target !== 'object' || Array.isArray(target)) {
    throw new TypeError(
      `\`${place}.target\` is for namespace and version, and must be an object, not ${shown(target)}`,
    );
  }
  for (const name of Object.keys(target)) {
    if (!TARGET.includes(name)) {
      const near = nearest(name, TARGET);
      const hint = near === null ? `there are ${TARGET.join(', ')}` : `did you mean \`${near}\`?`;
      throw new TypeError(`\`${place}.target\` has no \`${name}\`; ${hint}`);
    }
  }
  const { namespace = null, version = null, legacyNamespaces = [] } = target;
  if (!Array.isArray(legacyNamespaces)) {
    throw new TypeError(`\`${place}.target.legacyNamespaces\` must be an array, not ${shown(legacyNamespaces)}`);
  }
  /** @type {(name: string, value: unknown) => string | null} */
  const optional = (name, value) => (value === null ? null : wellFormed(`${place}.target.${name}`, value));
  return {
    namespace: optional('namespace', namespace),
    version: optional('version', version),
    legacyNamespaces: legacyNamespaces.map((it) => optional('legacyNamespaces', it)),
    methods: methodsOf(endpoint),
  };
}

/**
 * The names of its methods, its classes' among them. What begins with `_` is nobody's to call, as in
 * Python. Getters are not asked.
 * @param {object} endpoint
 */
function methodsOf(endpoint) {
  const names = new Set();
  for (let holder = endpoint; holder !== null; holder = Object.getPrototypeOf(holder)) {
    if (holder !== endpoint && Object.getPrototypeOf(holder) === null) {
      // What every object has.
      break;
    }
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
      if (typeof value === 'function' && name !== 'constructor' && !name.startsWith('_')) {
        names.add(wellFormed('method', name));
      }
    }
  }
  return [...names];
}

/**
 * An object that a peer sent.
 * @param {string} what
 * @param {string} text
 * @returns {Record<string, any>}
 */
function object(what, text) {
  let value;
  try {
    value = read(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(`${what} cannot be read: ${why}`, { cause });
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new TypeError(`${what} must be an object, not ${shown(value)}`);
  }
  return value;
}

const TARGET = ['namespace', 'version', 'legacyNamespaces'];
