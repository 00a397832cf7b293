/** Why a call or cast did not succeed; see `index.d.ts` for what each class says. */
export class MessagingError extends Error {
  get name() {
    return this.constructor.name;
  }

  /** Whether it is certain that a server dealt with the request. */
  get wasExecuted() {
    return false;
  }

  /** Whether it is unknown if the method was, is or will be executed. */
  get mayHaveBeenExecuted() {
    return false;
  }
}

export class MessagingTimeout extends MessagingError {
  constructor({ waitingFor, delivery, limit, message }) {
    super(message);
    Object.assign(this, { waitingFor, delivery, limit: Number(limit) / 1e9 });
  }

  get mayHaveBeenExecuted() {
    return this.delivery === 'maybe-delivered';
  }
}

export class MessageDeliveryFailure extends MessagingError {
  constructor({ delivery, message }) {
    super(message);
    this.delivery = delivery;
  }

  get mayHaveBeenExecuted() {
    return this.delivery === 'maybe-delivered';
  }
}

export class NoSuchTarget extends MessagingError {
  constructor({ exchange, routingKey, message }) {
    super(message);
    Object.assign(this, { exchange, routingKey });
  }
}

export class RemoteError extends MessagingError {
  constructor(error) {
    const { class: excType, module, message: value, args, kwargs, traceback } = error;
    // As Python prints it: without the module where every program has it.
    super(`${module === 'builtins' ? '' : `${module}.`}${excType}: ${value}`);
    Object.assign(this, { excType, module, value, traceback });
    this.args = JSON.parse(args);
    this.kwargs = JSON.parse(kwargs);
  }

  get wasExecuted() {
    return true;
  }
}

export class RpcVersionCapError extends MessagingError {
  constructor({ version, versionCap, message }) {
    super(message);
    Object.assign(this, { version: version ?? null, versionCap });
  }
}

export class InvalidTarget extends MessagingError {}

export class InvalidArgument extends MessagingError {
  constructor(argument, message) {
    super(message);
    this.argument = argument;
  }
}

export class AccessDenied extends MessagingError {
  constructor({ rule, message }) {
    super(message);
    this.rule = rule;
  }
}

export class LimitExceeded extends MessagingError {
  constructor({ limit, message }) {
    super(message);
    this.limit = limit;
  }
}

export class InvalidReply extends MessagingError {
  get wasExecuted() {
    return true;
  }
}

/** The error for what the host said; what the host did not say stays as it is. */
export function fromHost(thrown) {
  const { tag, val } = thrown?.payload ?? thrown ?? {};
  const make = CASES[tag];
  if (make !== undefined) {
    return make(val);
  }
  return thrown instanceof Error ? thrown : new MessagingError(String(thrown));
}

const CASES = {
  timeout: (it) => new MessagingTimeout(it),
  'no-such-target': (it) => new NoSuchTarget(it),
  'delivery-failure': (it) => new MessageDeliveryFailure(it),
  remote: (it) => new RemoteError(it),
  'version-cap': (it) => new RpcVersionCapError(it),
  'invalid-target': (it) => new InvalidTarget(it),
  'invalid-argument': (it) => new InvalidArgument(camel(it.argument), it.message),
  'access-denied': (it) => new AccessDenied(it),
  'limit-exceeded': (it) => new LimitExceeded(it),
  'invalid-reply': (it) => new InvalidReply(it),
  other: (it) => new MessagingError(it),
};

/** The host names arguments as WIT does. */
function camel(name) {
  return name.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());
}
