/** What methods of endpoints are wrapped in. */
import { shown } from '../text.js';
import { expect } from './exception.js';

/** @import * as api from '../../types/serving.js' */

/**
 * Names the parameters of a method; see `types/serving.d.ts`.
 * @template [A=any]
 * @param {string[] | [parse: (args: any) => A]} parameters
 * @returns {<M extends api.Method<A>>(method: M, decorated?: unknown) => M}
 */
export function takes(...parameters) {
  const [first] = parameters;
  const names = parameters.filter((it) => typeof it === 'string');
  if (typeof first !== 'function' && names.length !== parameters.length) {
    throw new TypeError('`takes` wants the names of parameters, or one function of all arguments');
  }
  const read = typeof first === 'function' ? made(first) : named(names);
  return (method) => wrapped(method, 'takes', function checked(context, args, request) {
    return method.call(this, context, read(request.method, args), request);
  });
}

/**
 * Says which errors a method raises as a matter of course; see `types/serving.d.ts`.
 * @param {(abstract new (...args: any[]) => Error)[]} types
 * @returns {<M extends api.Method>(method: M, decorated?: unknown) => M}
 */
export function expectedExceptions(...types) {
  for (const type of types) {
    if (typeof type !== 'function') {
      throw new TypeError(`\`expectedExceptions\` wants classes of errors, not ${shown(type)}`);
    }
  }
  /** @param {unknown} error */
  const threw = (error) => {
    if (types.some((type) => error instanceof type)) {
      expect(error);
    }
    throw error;
  };
  return (method) => wrapped(method, 'expectedExceptions', function expecting(...given) {
    try {
      const result = /** @type {any} */ (method.apply(this, given));
      return typeof result?.then === 'function' ? result.then(undefined, threw) : result;
    } catch (error) {
      return threw(error);
    }
  });
}

/**
 * @param {unknown} method
 * @param {string} wrapper
 * @param {api.Method} wrapping
 * @returns {any}
 */
function wrapped(method, wrapper, wrapping) {
  if (typeof method !== 'function') {
    throw new TypeError(`what \`${wrapper}\` gives wants a method, not ${shown(method)}`);
  }
  return wrapping;
}

/**
 * What makes of the arguments what the method wants.
 * @param {(args: any) => any} make
 */
function made(make) {
  /**
   * @param {string} method
   * @param {any} args
   */
  return (method, args) => {
    try {
      return make(args);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new TypeError(`${method}(): ${why}`, { cause });
    }
  };
}

/**
 * What looks whether there are arguments for all parameters, and no others. `name?` may be absent.
 * @param {string[]} parameters
 */
function named(parameters) {
  const names = parameters.map((it) => it.replace(/\?$/, ''));
  const required = parameters.filter((it) => !it.endsWith('?'));
  /**
   * @param {string} method
   * @param {object} args
   */
  return (method, args) => {
    const missing = required.find((name) => !Object.hasOwn(args, name));
    if (missing !== undefined) {
      throw new TypeError(`${method}() missing a required argument: '${missing}'`);
    }
    const unknown = Object.keys(args).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new TypeError(`${method}() got an unexpected keyword argument '${unknown}'`);
    }
    return args;
  };
}
