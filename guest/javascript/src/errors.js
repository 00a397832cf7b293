import { decode } from './decode.js';
import { toText } from './encode.js';

/** @import * as api from '../types/index.js' */

/** Why a call or cast did not succeed; see `types/errors.d.ts` for what each class says. */
export class MessagingError extends Error {
  /**
   * @param {{ message: string, outcome: api.Outcome }} details
   * @param {ErrorOptions} [options]
   */
  constructor({ message, outcome }, options) {
    super(message, options);
    /** @readonly */
    this.outcome = outcome;
  }
}

export class MessagingTimeout extends MessagingError {
  /** @param {ConstructorParameters<typeof api.MessagingTimeout>[0]} details */
  constructor({ waitingFor, outcome, limit, message }) {
    super({ message, outcome });
    /** @readonly */
    this.waitingFor = waitingFor;
    /** @readonly */
    this.limit = limit;
  }
}

export class NoSuchTarget extends MessagingError {
  /** @param {ConstructorParameters<typeof api.NoSuchTarget>[0]} details */
  constructor({ exchange, routingKey, message }) {
    super({ message, outcome: 'not-executed' });
    /** @readonly */
    this.exchange = exchange;
    /** @readonly */
    this.routingKey = routingKey;
  }
}

export class MessageDeliveryFailure extends MessagingError {}

export class RemoteError extends MessagingError {
  /**
   * @param {ConstructorParameters<typeof api.RemoteError>[0]} details
   * @param {ErrorOptions} [options]
   */
  constructor({
    typeName, typeModule = 'builtins', message, args = [], argsText = toText(args),
    kwargs = {}, kwargsText = toText(kwargs), traceback = [],
  }, options) {
    super({ message, outcome: 'executed' }, options);
    /** @readonly */
    this.typeName = typeName;
    /** @readonly */
    this.typeModule = typeModule;
    /** @readonly */
    this.args = args;
    /** @readonly */
    this.argsText = argsText;
    /** @readonly */
    this.kwargs = kwargs;
    /** @readonly */
    this.kwargsText = kwargsText;
    /** @readonly */
    this.traceback = traceback;
  }

  /** As a Python traceback ends: without the module where every program has it. */
  toString() {
    const module = ['', 'builtins'].includes(this.typeModule) ? '' : `${this.typeModule}.`;
    const message = this.message === '' ? '' : `: ${this.message}`;
    return `${module}${this.typeName}${message}`;
  }
}

export class RpcVersionCapError extends MessagingError {
  /** @param {ConstructorParameters<typeof api.RpcVersionCapError>[0]} details */
  constructor({ version, versionCap, message }) {
    super({ message, outcome: 'not-executed' });
    /** @readonly */
    this.version = version ?? null;
    /** @readonly */
    this.versionCap = versionCap;
  }
}

export class InvalidTarget extends MessagingError {
  /** @param {{ message: string }} details */
  constructor({ message }) {
    super({ message, outcome: 'not-executed' });
  }
}

export class InvalidArgument extends MessagingError {
  /**
   * @param {ConstructorParameters<typeof api.InvalidArgument>[0]} details
   * @param {ErrorOptions} [options]
   */
  constructor({ argument, message }, options) {
    super({ message, outcome: 'not-executed' }, options);
    /** @readonly */
    this.argument = argument;
  }
}

export class AccessDenied extends MessagingError {
  /** @param {ConstructorParameters<typeof api.AccessDenied>[0]} details */
  constructor({ rule, message }) {
    super({ message, outcome: 'not-executed' });
    /** @readonly */
    this.rule = rule;
  }
}

export class LimitExceeded extends MessagingError {
  /** @param {ConstructorParameters<typeof api.LimitExceeded>[0]} details */
  constructor({ limit, message }) {
    super({ message, outcome: 'not-executed' });
    /** @readonly */
    this.limit = limit;
  }
}

export class InvalidReply extends MessagingError {
  /**
   * @param {{ message: string }} details
   * @param {ErrorOptions} [options]
   */
  constructor({ message }, options) {
    super({ message, outcome: 'executed' }, options);
  }
}

export class OtherError extends MessagingError {}

/**
 * What is known about the method; null when the error is not one of this package.
 * @param {unknown} error
 * @returns {api.Outcome | null}
 */
export function outcomeOf(error) {
  return error instanceof MessagingError ? error.outcome : null;
}

/**
 * The error for what the host said; what the host did not say stays as it is.
 * @param {any} thrown
 * @returns {Error}
 */
export function fromHost(thrown) {
  const { tag, val } = thrown?.payload ?? thrown ?? {};
  if (typeof tag === 'string' && Object.hasOwn(CASES, tag)) {
    return CASES[tag](val);
  }
  return thrown instanceof Error ? thrown : new Error(`the host said ${String(thrown)}`);
}

/**
 * What the server sent. What is nested too deep must not hide the exception, let alone end the
 * plugin, so it is left to the text.
 * @param {string} text
 */
function readable(text) {
  try {
    return decode(text);
  } catch {
    return undefined;
  }
}

/** @type {Record<string, (value: any) => MessagingError>} */
const CASES = {
  timeout: (it) => new MessagingTimeout({ ...it, limit: Number(it.limit) / 1e9 }),
  'no-such-target': (it) => new NoSuchTarget(it),
  'delivery-failure': (it) => new MessageDeliveryFailure(it),
  remote: (it) => new RemoteError({
    ...it,
    args: readable(it.args),
    argsText: it.args,
    kwargs: readable(it.kwargs),
    kwargsText: it.kwargs,
  }),
  'version-cap': (it) => new RpcVersionCapError(it),
  'invalid-target': (it) => new InvalidTarget(it),
  'invalid-argument': (it) => new InvalidArgument({ ...it, argument: camel(it.argument) }),
  'access-denied': (it) => new AccessDenied(it),
  'limit-exceeded': (it) => new LimitExceeded(it),
  'invalid-reply': (it) => new InvalidReply(it),
  other: (it) => new OtherError(it),
};

/**
 * The host names arguments as WIT does.
 * @param {string} name
 */
function camel(name) {
  return name.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());
}

// Written out, because a bundler may give a class another name.
for (const [name, type] of Object.entries({
  MessagingError, MessagingTimeout, NoSuchTarget, MessageDeliveryFailure, RemoteError,
  RpcVersionCapError, InvalidTarget, InvalidArgument, AccessDenied, LimitExceeded, InvalidReply,
  OtherError,
})) {
  Object.defineProperty(type.prototype, 'name', { value: name, configurable: true, writable: true });
}
