/** A context or arguments: an object that becomes JSON. */
export type JsonObject = object;

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
  atLeastOnce?: boolean | null;
}

/** Overrides, as the keyword arguments of `prepare` in Python. */
export interface Settings extends Target, ClientSettings {}

export interface ClientOptions extends ClientSettings {
  /** The name under which the operator granted the transport; `default` if absent. */
  transport?: string;
}

/** One message of `callAll`. */
export interface Request {
  method: string;
  args?: JsonObject;
  context?: JsonObject;
  /** Overrides for this message only. */
  settings?: Settings;
}

/** One message of `callAllText`, whose `context` and `args` are JSON texts. */
export interface TextRequest {
  method: string;
  args?: string;
  context?: string;
  settings?: Settings;
}

/** What became of one call, as with `Promise.allSettled`. */
export type Outcome<R> =
  | { status: 'fulfilled'; value: R }
  | { status: 'rejected'; reason: MessagingError };

/**
 * Sends messages to one target. Every method returns when it is done; `await` in front of it
 * changes nothing here, and is what a client with `async` needs one day. To have calls in flight
 * at the same time use `callAll`: `Promise.all` would make them one after the other.
 */
export interface Client {
  /** A client with some settings overridden; this one stays as it is. */
  prepare(overrides?: Settings): Client;

  /**
   * Calls a method with keyword arguments and returns its result. It is executed at most once.
   * `bigint` is sent digit by digit; results with numbers that JavaScript rounds need `callText`.
   */
  call<R = unknown>(context: JsonObject | undefined, method: string, args?: JsonObject): R;

  /** Asks for a method to be executed, and returns when the broker has the message. */
  cast(context: JsonObject | undefined, method: string, args?: JsonObject): void;

  /** Makes many calls at the same time; an outcome for each, in the order of the requests. */
  callAll<R = unknown>(requests: Iterable<Request>): Outcome<R>[];

  /** `call` with the JSON texts as they are sent and received. */
  callText(context: string, method: string, args: string): string;

  /** `cast` with the JSON texts as they are sent. */
  castText(context: string, method: string, args: string): void;

  /** `callAll` with the JSON texts as they are sent and received. */
  callAllText(requests: Iterable<TextRequest>): Outcome<string>[];

  /** Whether this version, or else the target's, fits the version cap. */
  canSendVersion(version?: string | null): boolean;

  /** Gives the client back to the host at once; otherwise that happens when nobody uses it. */
  [Symbol.dispose](): void;
}

/** A client of a transport that the host granted. Nothing is connected or sent yet. */
export function openClient(target: Target, options?: ClientOptions): Client;

/** What is left of the time that the host gave to the plugin, in seconds; null without limit. */
export function remaining(): number | null;

/** How far a message got when sending failed. */
export type Delivery = 'not-sent' | 'maybe-delivered';

/** Why a call or cast did not succeed. */
export class MessagingError extends Error {
  /** Whether it is certain that a server dealt with the request. */
  readonly wasExecuted: boolean;
  /** Whether it is unknown if the method was, is or will be executed. */
  readonly mayHaveBeenExecuted: boolean;
}

/** Time was up. */
export class MessagingTimeout extends MessagingError {
  readonly waitingFor: 'admission' | 'connection' | 'confirm' | 'reply' | 'heartbeat';
  readonly delivery: Delivery;
  /** The limit that was reached, in seconds. */
  readonly limit: number;
}

/** The message could not be handed to the broker, or it is unknown whether it was. */
export class MessageDeliveryFailure extends MessagingError {
  readonly delivery: Delivery;
}

/** No server's queue takes the message: nobody was there. */
export class NoSuchTarget extends MessagingError {
  readonly exchange: string;
  readonly routingKey: string;
}

/** The method raised an exception, or its server did, as with `NoSuchMethod`. */
export class RemoteError extends MessagingError {
  /** The class, such as `ValueError`. */
  readonly excType: string;
  /** The module of the class, such as `builtins`. */
  readonly module: string;
  /** What the exception prints as. */
  readonly value: string;
  readonly args: unknown[];
  readonly kwargs: Record<string, unknown>;
  /** Empty unless the host grants it. */
  readonly traceback: string[];
}

/** The version does not fit the client's cap; nothing was sent. */
export class RpcVersionCapError extends MessagingError {
  readonly version: string | null;
  readonly versionCap: string;
}

/** The target cannot be sent to: no topic, or a call with fanout. */
export class InvalidTarget extends MessagingError {}

/** An argument or a setting is unusable; nothing was sent. */
export class InvalidArgument extends MessagingError {
  /** Its name. */
  readonly argument: string;
}

/** The host's policy does not let this plugin do this; nothing was sent. */
export class AccessDenied extends MessagingError {
  readonly rule: string;
}

/** A limit of the host was reached; nothing was sent. */
export class LimitExceeded extends MessagingError {
  readonly limit: string;
}

/** The method was executed, and its reply makes no sense or holds what JSON cannot. */
export class InvalidReply extends MessagingError {}
