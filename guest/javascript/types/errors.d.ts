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
  }, options?: ErrorOptions);
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
  constructor(details: { argument: string; message: string }, options?: ErrorOptions);
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
