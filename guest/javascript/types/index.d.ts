/// <reference path="./globals.d.ts" />

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

/**
 * What is known about a method when its call or cast did not succeed: the one question that decides
 * whether it may be sent again.
 */
export type Outcome =
  /** It was not executed and will not be. Sending it again is safe. */
  | 'not-executed'
  /** It may be executed, now or later, or not at all. */
  | 'unknown'
  /** It was executed, or a server looked for it and said why it cannot be. */
  | 'executed';

/** The outcome of an error; null when it is not one of this package, and so says nothing. */
export function outcomeOf(error: unknown): Outcome | null;

/** Why a call or cast did not succeed. The fields of each class have the names of the contract. */
export class MessagingError extends Error {
  constructor(details: { message: string; outcome: Outcome }, options?: ErrorOptions);
  readonly outcome: Outcome;
}

/** Time was up. */
export class MessagingTimeout extends MessagingError {
  constructor(details: {
    waitingFor: WaitingFor;
    outcome: Outcome;
    limit: number;
    message: string;
  });
  readonly waitingFor: WaitingFor;
  /** The limit that was reached, in seconds. */
  readonly limit: number;
}

export type WaitingFor =
  | 'admission' | 'connection' | 'confirm' | 'reply' | 'heartbeat' | 'other';

/** No server's queue takes the message: nobody was there. Not executed. */
export class NoSuchTarget extends MessagingError {
  constructor(details: { exchange: string; routingKey: string; message: string });
  readonly exchange: string;
  readonly routingKey: string;
}

/** The message could not be handed to the broker, or it is unknown whether it was. */
export class MessageDeliveryFailure extends MessagingError {}

/** The method raised an exception, or its server did, as with `NoSuchMethod`. Executed. */
export class RemoteError extends MessagingError {
  constructor(details: {
    typeName: string;
    /** `builtins` if absent. */
    typeModule?: string;
    message: string;
    args?: readonly unknown[] | undefined;
    argsText?: string;
    kwargs?: { readonly [key: string]: unknown } | undefined;
    kwargsText?: string;
    traceback?: readonly string[];
  });
  /** The class, such as `ValueError`. */
  readonly typeName: string;
  /** The module of the class, such as `builtins`. */
  readonly typeModule: string;
  /** Empty also when they are nested too deep to be read. */
  readonly args: readonly unknown[];
  /** `args` as they came: a JSON array. */
  readonly argsText: string;
  /** Empty also when they are nested too deep to be read. */
  readonly kwargs: { readonly [key: string]: unknown };
  /** `kwargs` as they came: a JSON object. */
  readonly kwargsText: string;
  /** Empty unless the host grants it. */
  readonly traceback: readonly string[];
  /** As the end of a Python traceback: `nova.exception.Busy: not now`. */
  toString(): string;
}

/** The version does not fit the client's cap. Not executed. */
export class RpcVersionCapError extends MessagingError {
  constructor(details: {
    version?: string | null | undefined;
    versionCap: string;
    message: string;
  });
  readonly version: string | null;
  readonly versionCap: string;
}

/** The target cannot be sent to: no topic, or a call with fanout. Not executed. */
export class InvalidTarget extends MessagingError {
  constructor(details: { message: string });
}

/** An argument or a setting is unusable. Not executed. */
export class InvalidArgument extends MessagingError {
  constructor(details: { argument: string; message: string });
  /** Its name. */
  readonly argument: string;
}

/** The host's policy does not let this plugin do this. Not executed. */
export class AccessDenied extends MessagingError {
  constructor(details: { rule: string; message: string });
  /** The operator's rule that decided, or `default`. */
  readonly rule: string;
}

/** A limit of the host was reached. Not executed. */
export class LimitExceeded extends MessagingError {
  constructor(details: { limit: string; message: string });
  /** Its name in the contract, such as `request-bytes`. */
  readonly limit: string;
}

/** A reply came that makes no sense, is too large, or is not what was asked for. Executed. */
export class InvalidReply extends MessagingError {
  constructor(details: { message: string }, options?: ErrorOptions);
}

/** What a later host says and this version has no name for; only its outcome can be relied on. */
export class OtherError extends MessagingError {}
