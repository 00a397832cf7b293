/**
 * For tests of a plugin under Node.js. There `oslo-messaging-guest` is the same code as in a
 * component, and its host is this module: the test grants transports, whose methods it writes.
 */
import type { Target } from './index.js';

/** A message as a server gets it, and a test finds it in `sent`. */
export interface SentMessage {
  readonly verb: 'call' | 'cast';
  readonly target: Required<Target>;
  readonly context: { readonly [key: string]: any };
  readonly method: string;
  readonly args: { readonly [key: string]: any };
  /** How long it may take, in seconds. */
  readonly timeout: number;
}

/**
 * A method: it gets the arguments, and returns the result, or a promise for it. What it throws is what
 * the caller gets: an error of `oslo-messaging-guest` as the transport's own, such as a
 * `MessagingTimeout`, and anything else as a `RemoteError`.
 */
export type Method = (args: any, message: SentMessage) => unknown;

/** A transport that a test granted. */
export interface GrantedTransport {
  readonly name: string;
  /** What was sent over it, in order. What never left, such as a call without a topic, is not here. */
  readonly sent: SentMessage[];
  /** Takes it back. A test need not: granting another one of the same name replaces it. */
  [Symbol.dispose](): void;
}

/**
 * Grants a transport, `default` if it has no name, with servers that have these methods, whatever
 * the topic; another method is the exception `NoSuchMethod`, as everywhere. Clients that were opened
 * with an earlier transport of this name send over it as well.
 */
export function grantTransport(
  methods: { [name: string]: Method },
  options?: {
    name?: string;
    /** The default timeout of calls and casts, in seconds; 60 if absent. */
    timeout?: number;
  },
): GrantedTransport;

/** A method that takes so many seconds; a caller that waits less has a `MessagingTimeout`. */
export function after(seconds: number, method: Method): Method;
