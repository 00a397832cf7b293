import type { Json, JsonValue } from './index.js';

/** How urgent a notification is. */
export type Priority = 'audit' | 'debug' | 'info' | 'warn' | 'error' | 'critical' | 'sample';

export interface NotifierOptions {
  /** The name under which the operator granted the transport; `default` if absent. */
  transport?: string;
  /**
   * Which topics get a copy each; absent or null: the operator's first one, which is `notifications` unless
   * the operator named another. What the operator has not granted is `AccessDenied` when it is sent.
   */
  topics?: readonly string[] | null;
  /** How long a notification may take in all, in seconds. The host may make it shorter. */
  timeout?: number | null;
  /** How often a failed attempt to connect is repeated; null: until the timeout. */
  retry?: number | null;
}

/**
 * Tells whoever wants to know that something happened. What is sent before anybody listens is kept.
 *
 * The plugin stands still until the broker has the notification, because the contract has no other way;
 * what comes of it is a promise all the same, which is to be awaited: a failure that nobody asks for ends
 * the plugin as any rejection does. In an error, the outcome `not-executed` means that no topic has the
 * notification, and `unknown` that one may have it.
 */
export interface Notifier {
  /**
   * Sends a notification.
   *
   * @param context what listeners get beside the payload (in OpenStack: user, project, request id): all
   *   of it is sent, so leave out what they must not see
   * @param eventType what happened, such as `compute.instance.create.end`
   * @param payload what is told; null if absent
   */
  notify(priority: Priority, context: Json | undefined, eventType: string, payload?: Payload): Promise<void>;

  audit(context: Json | undefined, eventType: string, payload?: Payload): Promise<void>;
  debug(context: Json | undefined, eventType: string, payload?: Payload): Promise<void>;
  info(context: Json | undefined, eventType: string, payload?: Payload): Promise<void>;
  warn(context: Json | undefined, eventType: string, payload?: Payload): Promise<void>;
  error(context: Json | undefined, eventType: string, payload?: Payload): Promise<void>;
  critical(context: Json | undefined, eventType: string, payload?: Payload): Promise<void>;
  sample(context: Json | undefined, eventType: string, payload?: Payload): Promise<void>;

  /** The name of its transport. */
  readonly transport: string;
  /** Who it says it is. */
  readonly publisherId: string | null;
  /** The topics that get what it sends. */
  readonly topics: readonly string[];

  /** Gives it back to the host at once; otherwise that happens when nobody uses it. */
  [Symbol.dispose](): void;
}

type Payload = JsonValue | Json;

/**
 * A notifier of a transport that the host granted. Nothing is connected or sent yet.
 *
 * @param publisherId who it says it is, such as `compute.host-1`
 */
export function openNotifier(publisherId?: string | null, options?: NotifierOptions): Notifier;

/**
 * What handles notifications: an object, or an instance of a class, with a method for each priority that
 * it wants. A plugin that handles notifications exports one as `notificationEndpoint`:
 *
 *     export const notificationEndpoint = {
 *       filterRule: { eventType: 'compute\\.instance\\..*' },
 *       async info({ publisherId, payload }) {},
 *     };
 *
 * A notification has been handled when the method, or the promise that it returns, is done. When it
 * returns `requeue` or throws, the notification comes again, here or elsewhere, if the operator allows
 * that, and is forgotten if not. Anything else that it returns is told on standard error.
 */
export type NotificationEndpoint = {
  readonly filterRule?: NotificationFilter;
} & {
  [P in Priority]?: (notification: Notification) => void | 'requeue' | Promise<void | 'requeue'>;
};

/**
 * Which notifications an endpoint wants, of the priorities that it has methods for: those that match all
 * of these regular expressions. They have Python's syntax, match from the beginning of a text, and need
 * not reach its end. The host refuses to listen with one that is none.
 */
export interface NotificationFilter {
  readonly publisherId?: string | null;
  readonly eventType?: string | null;
  /** What the values of these names in the context have to match. */
  readonly context?: { readonly [name: string]: string };
  /** What `message_id` and `timestamp` have to match. */
  readonly metadata?: { readonly message_id?: string; readonly timestamp?: string };
  /** What the values of these names in the payload have to match, which then has to be an object. */
  readonly payload?: { readonly [name: string]: string };
}

/** Something that happened. */
export interface Notification {
  readonly priority: Priority;
  /** Who says it, such as `compute.host-1`. */
  readonly publisherId: string | null;
  /** What happened, such as `compute.instance.create.end`. */
  readonly eventType: string | null;
  /** The id of the notification, the same for all copies of it. */
  readonly messageId: string | null;
  /** When it was sent, as its sender wrote it. Python writes `2026-01-02 03:04:05.000600`, in UTC. */
  readonly timestamp: string | null;
  /** What the sender says beside the payload. */
  readonly context: any;
  /** What is told. Integers beyond 2^53 are a `bigint`. */
  readonly payload: any;
  /** The payload as it came, JSON. */
  readonly payloadText: string;
  /** Whether it was handed out before. */
  readonly redelivered: boolean;
}
