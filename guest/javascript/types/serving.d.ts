import type { Target } from './index.js';

/**
 * An endpoint: an object, or an instance of a class, with methods that callers name. `target` says the
 * namespace and version of all of them. What begins with `_` or `#` cannot be called.
 *
 * A plugin that serves exports an array of them as `endpoints`, or a function that makes it:
 *
 *     export const endpoints = [new Compute()];
 *
 * The host finds the method, by namespace and version as a Python server does, and answers itself what
 * no endpoint has. An instance of the plugin runs one method at a time; whether the next request finds
 * the same instance is the host's choice.
 */
export type Endpoint = object & {
  readonly target?: EndpointTarget;
  /** A method, or whatever else is its own. */
  readonly [member: string]: any;
};

export interface EndpointTarget {
  /** The namespace of the methods; absent or null: the unnamed one. */
  readonly namespace?: string | null;
  /** Further namespaces that they are called by, null for the unnamed one. */
  readonly legacyNamespaces?: readonly (string | null)[];
  /**
   * The version that they implement, `major.minor`, and `1.0` if absent: requests of the same major and
   * at most this minor version are served.
   */
  readonly version?: string | null;
}

/**
 * A method. It may be `async`, call other services and wait for them: the request ends when its promise
 * is settled.
 *
 * What it returns is what its caller gets, as `JSON.stringify` prints it; `undefined` is null, and
 * what JSON cannot carry is a `ValueError` for the caller. What it throws is an exception for the caller:
 * an `Exception` with the class that it names; a `RemoteError`, which a call of its own met, as it came;
 * the other errors of this package as Python's client would raise them; a `TypeError`, and a
 * `RangeError` as a `ValueError`; anything else as a `RuntimeError`.
 *
 * @param context what the caller says beside the arguments (in OpenStack: user, project, request id). A
 *   call that is made on behalf of this one hands it on.
 * @param args the keyword arguments. Integers beyond 2^53 are a `bigint`.
 */
export interface Method<A = any> {
  (this: any, context: any, args: A, request: ServedRequest): unknown;
}

/** What a method is told about its request. */
export interface ServedRequest {
  readonly method: string;
  /** The namespace that the caller asked for; null: the unnamed one. */
  readonly namespace: string | null;
  /** The version that the caller was written for; null counts as `1.0`. */
  readonly version: string | null;
  /** How many seconds the caller waits for a sign of life, which the host sends; null: it does not. */
  readonly callMonitorTimeout: number | null;
  /** The id of the message; null when its sender gave it none. */
  readonly messageId: string | null;
  /** The server that got it. A plugin may serve as several. */
  readonly servedBy: Required<Pick<Target, 'exchange' | 'topic' | 'server'>>;
  /** The arguments as they came, JSON. */
  readonly argsText: string;
  /** The context as it came, JSON. */
  readonly contextText: string;
}

/** An exception for the caller, who gets it as one of a Python server. */
export class Exception extends Error {
  constructor(details: {
    /** The name of its class, such as `ValueError`. */
    typeName: string;
    /** The module of the class; `builtins`, with Python's own, if absent. */
    typeModule?: string;
    message?: string;
    /** A Python caller makes the exception again with these; the message alone if absent. */
    args?: readonly unknown[];
    kwargs?: { readonly [name: string]: unknown };
    /** Whether it is a matter of course, and no error in the host's log; false if absent. */
    expected?: boolean;
  }, options?: ErrorOptions);
  readonly typeName: string;
  readonly typeModule: string;
  readonly args: readonly unknown[];
  readonly kwargs: { readonly [name: string]: unknown };
  readonly expected: boolean;
}

/**
 * What checks the arguments of a method before it runs; where they do not fit, the caller gets a
 * `TypeError`. It wants the names of all parameters, of which those with a `?` may be absent:
 *
 *     add = takes('a', 'b', 'unit?')((context, { a, b, unit }) => a + b);
 *
 * or one function that makes of the arguments what the method wants, or throws, such as the `parse` of
 * a schema. It is also a decorator.
 */
export function takes<A = any>(
  ...parameters: string[] | [parse: (args: any) => A]
): <M extends Method<A>>(method: M, decorated?: unknown) => M;

/**
 * What says of a method which errors it raises as a matter of course, as `expected_exceptions` does in
 * Python: they are no errors in the host's log. It is also a decorator.
 */
export function expectedExceptions(
  ...types: (abstract new (...args: any[]) => Error)[]
): <M extends Method>(method: M, decorated?: unknown) => M;
