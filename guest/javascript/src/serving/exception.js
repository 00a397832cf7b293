import { read } from '../decode.js';
import { JsonText, toText } from '../encode.js';
import {
  InvalidTarget, MessageDeliveryFailure, MessagingTimeout, NoSuchTarget, RemoteError, RpcVersionCapError,
} from '../errors.js';
import { placed } from '../lines.js';
import { shown } from '../text.js';

/** @import * as api from '../../types/serving.js' */

/** An exception that a method raises; see `types/serving.d.ts`. */
export class Exception extends Error {
  /**
   * @param {ConstructorParameters<typeof api.Exception>[0]} details
   * @param {ErrorOptions} [options]
   */
  constructor({
    typeName, typeModule = 'builtins', message = '', args = message === '' ? [] : [message], kwargs = {},
    expected = false,
  }, options) {
    super(message, options);
    /** @readonly */
    this.typeName = typeName;
    /** @readonly */
    this.typeModule = typeModule;
    /** @readonly */
    this.args = args;
    /** @readonly */
    this.kwargs = kwargs;
    /** @readonly */
    this.expected = expected;
  }
}
// Written out, because a bundler may give the class another name.
Object.defineProperty(Exception.prototype, 'name', { value: 'Exception', configurable: true, writable: true });

/**
 * Says that a method raises what this is as a matter of course.
 * @param {unknown} thrown
 */
export function expect(thrown) {
  if (thrown !== null && typeof thrown === 'object') {
    expected.add(thrown);
  }
}

/**
 * @typedef {{
 *   typeName: string, typeModule: string, message: string, args: string, kwargs: string,
 *   traceback: string[], expected: boolean,
 * }} Raised what the host is told of an exception, whose texts all are well-formed
 */

/**
 * What the host is told of anything that a method threw. It never throws: whatever a plugin throws, and
 * whatever its getters do, is an exception of the method and not the end of the instance.
 * @param {unknown} thrown
 * @returns {Raised}
 */
export function raised(thrown) {
  try {
    const it = parts(thrown);
    const message = text(it.message);
    const [args, lost] = carried('args', it.args ?? [message], [message]);
    const [kwargs, alsoLost] = carried('kwargs', it.kwargs ?? {}, {});
    const isExpected = it.expected || expected.has(/** @type {any} */ (thrown));
    return {
      typeName: text(it.typeName),
      typeModule: text(it.typeModule),
      message,
      args: it.argsText === undefined ? args : text(it.argsText),
      kwargs: it.kwargsText === undefined ? kwargs : text(it.kwargsText),
      // It shows the inside of the plugin, which is for those who have to mend it.
      traceback: isExpected ? [] : [...lost, ...alsoLost, ...lines(thrown)].map((line) => `${text(line)}\n`),
      expected: isExpected,
    };
  } catch {
    const message = 'it threw what nothing can be told of';
    return {
      typeName: 'RuntimeError', typeModule: 'builtins', message, args: toText([message]), kwargs: '{}',
      traceback: [], expected: false,
    };
  }
}

/** @type {WeakSet<object>} */
const expected = new WeakSet();

/**
 * @typedef {{
 *   typeName: unknown, typeModule: unknown, message: unknown, args?: unknown, kwargs?: unknown,
 *   argsText?: string, kwargsText?: string, expected?: boolean,
 * }} Parts
 */

/**
 * @param {any} thrown
 * @returns {Parts}
 */
function parts(thrown) {
  if (thrown instanceof Exception) {
    const { typeName, typeModule, message, args, kwargs } = thrown;
    return { typeName, typeModule, message, args, kwargs, expected: thrown.expected === true };
  }
  if (thrown instanceof RemoteError) {
    // It goes on to the caller as it came.
    const { typeName, typeModule, message, argsText, kwargsText } = thrown;
    return { typeName, typeModule, message, argsText, kwargsText };
  }
  if (thrown instanceof Error) {
    const known = UPSTREAM.find(([type]) => thrown instanceof type);
    const [, typeModule, typeName] = known ?? [null, 'builtins', BUILTIN[thrown.name] ?? 'RuntimeError'];
    return { typeName, typeModule, message: thrown.message };
  }
  return { typeName: 'RuntimeError', typeModule: 'builtins', message: `it threw ${shown(thrown)}` };
}

/**
 * JSON of a value, an array for `args` and an object for `kwargs`, or of another one and a line about why.
 * @param {string} name
 * @param {unknown} value
 * @param {unknown} otherwise
 * @returns {[text: string, why: string[]]}
 */
function carried(name, value, otherwise) {
  try {
    const json = toText(value, name);
    // What is JSON already may be none.
    const made = value instanceof JsonText ? read(json) : value;
    const isArray = json.trimStart().startsWith('[');
    const isObject = json.trimStart().startsWith('{');
    if (name === 'args' ? isArray : isObject) {
      return [json, []];
    }
    return [toText(otherwise), [`\`${name}\` of the exception is ${shown(made)}, and was left out`]];
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read';
    return [toText(otherwise), [`the exception came without its \`${name}\`: ${why}`]];
  }
}

/**
 * A text that the host can take, of whatever should be one.
 * @param {unknown} value
 */
function text(value) {
  return String(value).toWellFormed();
}

/**
 * Where it was thrown.
 * @param {any} thrown
 * @returns {string[]}
 */
function lines(thrown) {
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  return typeof stack === 'string' ? placed(text(stack)).split('\n').filter((line) => line.trim() !== '') : [];
}

/**
 * What a Python server's client would have raised in its place.
 * @type {[type: new (...args: any[]) => Error, typeModule: string, typeName: string][]}
 */
const UPSTREAM = [
  [MessagingTimeout, 'oslo_messaging.exceptions', 'MessagingTimeout'],
  [InvalidTarget, 'oslo_messaging.exceptions', 'InvalidTarget'],
  [NoSuchTarget, 'oslo_messaging.exceptions', 'MessageUndeliverable'],
  [MessageDeliveryFailure, 'oslo_messaging.exceptions', 'MessageDeliveryFailure'],
  [RpcVersionCapError, 'oslo_messaging.rpc.client', 'RPCVersionCapError'],
];

/** @type {Record<string, string>} */
const BUILTIN = { TypeError: 'TypeError', RangeError: 'ValueError', SyntaxError: 'ValueError' };
