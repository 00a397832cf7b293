/**
 * For tests of a plugin under Node.js. There `oslo-messaging-guest` is the same code as in a
 * component, and its host is this module: the test grants transports, whose methods it writes.
 */
import type { Json, Notification, Priority, Target } from './index.js';

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

/** A notification as its listeners get it, and a test finds it in `notifications`. */
export interface SentNotification {
  readonly topics: readonly string[];
  readonly priority: Priority;
  readonly publisherId: string | null;
  readonly eventType: string;
  readonly context: { readonly [key: string]: any };
  readonly payload: any;
}

/** A transport that a test granted. */
export interface GrantedTransport {
  readonly name: string;
  /** What was sent over it, in order. What never left, such as a call without a topic, is not here. */
  readonly sent: SentMessage[];
  /** The notifications that were sent over it, in order. */
  readonly notifications: SentNotification[];
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

/** A server of a plugin's endpoints, with the rules of the host for methods, namespaces and versions. */
export interface TestServer {
  /**
   * Calls a method as a caller elsewhere does, with JSON in between. The promise is rejected with a
   * `RemoteError` for what the method threw, which is its `cause`.
   */
  call(
    method: string,
    args?: Json,
    options?: {
      context?: Json;
      namespace?: string | null;
      version?: string | null;
      callMonitorTimeout?: number | null;
    },
  ): Promise<any>;
}

/**
 * Serves endpoints in a test.
 *
 * @param endpoints what the plugin exports as `endpoints`
 * @throws {TypeError} for what no host would serve
 */
export function serveEndpoints(
  endpoints: unknown, target?: { exchange?: string; topic?: string; server?: string },
): TestServer;

/** What hands notifications to an endpoint, with the filter of the host. */
export interface TestListener {
  /**
   * Hands one over. `filtered`: the endpoint does not want it, `requeue`: it is to come again. The promise
   * is rejected with what the method threw, which a host takes for `requeue`.
   */
  notify(
    priority: Priority,
    eventType: string,
    payload?: unknown,
    options?: Partial<Pick<Notification, 'publisherId' | 'messageId' | 'timestamp' | 'redelivered'>> & {
      context?: Json;
    },
  ): Promise<'handled' | 'filtered' | 'requeue'>;
}

/**
 * Listens in a test. Regular expressions are JavaScript's here, which are mostly the same.
 *
 * @param notificationEndpoint what the plugin exports by this name
 * @throws {TypeError} for what is no endpoint
 */
export function handleWith(notificationEndpoint: unknown): TestListener;
