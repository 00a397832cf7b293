/// <reference path="./globals.d.ts" />

import type { MessagingError } from './errors.js';

export * from './errors.js';
export {
  type Notification, type NotificationEndpoint, type NotificationFilter, type Notifier, type NotifierOptions,
  openNotifier, type Priority,
} from './notifications.js';
export {
  type Endpoint, type EndpointTarget, Exception, expectedExceptions, type Method, type ServedRequest,
  takes,
} from './serving.js';

/** A value that JSON can carry. A `bigint` is sent digit by digit. */
export type JsonValue =
  | null | boolean | number | bigint | string
  | readonly JsonValue[]
  | JsonObject
  | { toJSON(): unknown };

/**
 * An object that JSON can carry; members that are undefined are left out. A type that is written as
 * an `interface` does not fit, because other members may be added to it; one that is a `type` does.
 */
export type JsonObject = { readonly [key: string]: JsonValue | undefined };

/** A context or arguments: an object, or its JSON as text. */
export type Json = JsonObject | JsonText;

/** JSON as text, which is sent as it is, well-formed or not. */
export class JsonText {
  constructor(text: string);
  readonly text: string;
}

/** Where a message goes. Only a topic is needed, when something is sent. */
export interface Target {
  /** The exchange that the topic belongs to; the transport's default if none. */
  exchange?: string | null;
  /** The name of the service, such as `compute`. */
  topic?: string | null;
  /** The namespace of the methods. */
  namespace?: string | null;
  /** The version of the interface that the caller was written for, such as `2.5`. */
  version?: string | null;
  /** One server of the topic; any if none. */
  server?: string | null;
  /** Every server of the topic gets it; only for casts. */
  fanout?: boolean | null;
}

/** Defaults of a client. Absent: inherited. Null: "given none", which is the host's default. */
export interface ClientSettings {
  /** How long a call or cast may take in all, in seconds. The host may make it shorter. */
  timeout?: number | null;
  /** The highest version that may be sent. */
  versionCap?: string | null;
  /** How often a failed attempt to connect is repeated; null: until the timeout. */
  retry?: number | null;
  /** Ends a call without a sign of life from its server for so many seconds, at least 2. */
  callMonitorTimeout?: number | null;
  /** Fail at once if no queue takes the message: calls do, casts do not. */
  mandatory?: boolean | null;
  /** The largest reply, in bytes, that there is room for; a larger one is `InvalidReply`. */
  replyBytes?: number | null;
}

/** Overrides, as the keyword arguments of `prepare` in Python. */
export interface Settings extends Target, ClientSettings {}

export interface ClientOptions extends ClientSettings {
  /** The name under which the operator granted the transport; `default` if absent. */
  transport?: string;
}

/** Settings of one cast, and what cancels it. */
export interface CastOptions extends Settings {
  /**
   * Cancels it: the promise is rejected with the signal's reason. Whether the method is executed is
   * unknown then, unless the signal was aborted before: then nothing is sent.
   */
  signal?: AbortSignal | undefined;
}

/** Settings of one call, what cancels it, and what its reply has to be. */
export interface CallOptions<R> extends CastOptions {
  /**
   * Makes of the reply what the caller wants, or throws, which becomes an `InvalidReply` with the
   * outcome `executed`: for example the `parse` of a schema.
   */
  reply?: ((reply: unknown) => R) | undefined;
}

/** Settings of one call that is waited for, and what its reply has to be. */
export interface SyncCallOptions<R> extends Settings {
  /** As in `CallOptions`. */
  reply?: ((reply: unknown) => R) | undefined;
}

/** One message of `callAllSync`. */
export interface Request {
  method: string;
  args?: Json;
  context?: Json;
  /** Overrides for this message only. */
  settings?: Settings;
  /** What to send it with, if not the client that is asked. */
  client?: Client;
}

/** What became of one call, as with `Promise.allSettled`. */
export type Settled<R> =
  | { status: 'fulfilled'; value: R }
  | { status: 'rejected'; reason: MessagingError };

/**
 * Sends messages to one target. `call` and `cast` return at once with a promise, and any number of
 * them are in flight together; nothing is started twice, and each is executed at most once. The
 * methods that end in `Sync` return when it is done, and the plugin stands still until then.
 *
 * A reply is what `JSON.parse` makes of it, except that integers beyond 2^53 are a `bigint` and keep
 * their digits. The type `R` of a reply is the caller's claim; `options.reply` checks it.
 */
export interface Client {
  /** A client with some settings overridden; this one stays as it is. */
  prepare(overrides?: Settings): Client;

  /** Calls a method with keyword arguments; the promise is for its result. */
  call<R = unknown>(
    context: Json | undefined, method: string, args?: Json, options?: CallOptions<R>,
  ): Promise<NoInfer<R>>;

  /** `call` for the JSON text of the result, as it came. */
  callText(
    context: Json | undefined, method: string, args?: Json, options?: CastOptions,
  ): Promise<string>;

  /** Asks for a method to be executed; the promise is fulfilled when the broker has the message. */
  cast(
    context: Json | undefined, method: string, args?: Json, options?: CastOptions,
  ): Promise<void>;

  /** Calls a method and returns its result. */
  callSync<R = unknown>(
    context: Json | undefined, method: string, args?: Json, options?: SyncCallOptions<R>,
  ): NoInfer<R>;

  /** Asks for a method to be executed, and returns when the broker has the message. */
  castSync(context: Json | undefined, method: string, args?: Json, options?: Settings): void;

  /** Makes many calls at the same time, and returns an outcome for each when all are done. */
  callAllSync<R = unknown>(requests: Iterable<Request>): Settled<NoInfer<R>>[];

  /** Whether this version, or else the target's, fits the version cap. */
  canSendVersion(version?: string | null): boolean;

  /** The name of its transport. */
  readonly transport: string;
  /** Where its messages go, with everything that settings replaced. */
  readonly target: Required<Target>;
  /** How long its calls and casts may take, in seconds. */
  readonly timeout: number;
  /** The highest version that it sends; null without a cap. */
  readonly versionCap: string | null;
  /** How often a failed attempt to connect is repeated; null: until the timeout. */
  readonly retry: number | null;
  /** How long its calls wait for a sign of life, in seconds; null: they are not monitored. */
  readonly callMonitorTimeout: number | null;
  /** What the setting said; null: calls are and casts are not. */
  readonly mandatory: boolean | null;
  /** The largest reply that it takes, in bytes. */
  readonly replyBytes: number;

  /** Gives the client back to the host at once; otherwise that happens when nobody uses it. */
  [Symbol.dispose](): void;
}

/** A client of a transport that the host granted. Nothing is connected or sent yet. */
export function openClient(target: Target, options?: ClientOptions): Client;

/** The names of the transports that the host granted, in alphabetical order. */
export function transports(): string[];

/** What is left of the time that the host gave to the plugin, in seconds; null without limit. */
export function remaining(): number | null;

/** What the host allows the plugin; the same for as long as it runs. */
export function limits(): Limits;

export interface Limits {
  /** The largest request in bytes: the texts of context, method and arguments together. */
  requestBytes: number;
  /** The largest reply in bytes. */
  replyBytes: number;
  /** How many bytes of replies may have come that the plugin did not take yet. */
  heldReplyBytes: number;
  /** How many calls and casts run at the same time; others wait, inside their timeout. */
  callsInFlight: number;
  /** How many may run or wait; one more is `LimitExceeded`. */
  pendingCalls: number;
  /** How many requests go into one `callAllSync`. */
  requests: number;
}
