import * as errors from 'oslo-messaging-guest';

/** An error as `tests/wit` wants it: its case, and the fields of its record by their names in WIT. */
export function detail(error) {
  const { message, outcome } = error;
  for (const [type, name, fields] of CASES) {
    if (error instanceof type) {
      return { case: name, ...fields(error), message };
    }
  }
  return { case: 'other', outcome, message };
}

const nothing = () => ({});
const outcomeOnly = ({ outcome }) => ({ outcome });
const CASES = [
  [errors.RemoteError, 'remote', ({ typeName, typeModule, args, kwargs, traceback }) => ({
    'type-name': typeName, 'type-module': typeModule, args, kwargs, traceback,
  })],
  [errors.MessagingTimeout, 'timeout', ({ waitingFor, outcome, limit }) => ({
    'waiting-for': waitingFor, outcome, limit: Math.round(limit * 1e9),
  })],
  [errors.NoSuchTarget, 'no-such-target', ({ exchange, routingKey }) => ({
    exchange, 'routing-key': routingKey,
  })],
  [errors.MessageDeliveryFailure, 'delivery-failure', outcomeOnly],
  [errors.RpcVersionCapError, 'version-cap', ({ version, versionCap }) => ({
    version, 'version-cap': versionCap,
  })],
  [errors.InvalidTarget, 'invalid-target', nothing],
  [errors.InvalidArgument, 'invalid-argument', ({ argument }) => ({
    argument: argument.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  })],
  [errors.AccessDenied, 'access-denied', ({ rule }) => ({ rule })],
  [errors.LimitExceeded, 'limit-exceeded', ({ limit }) => ({ limit })],
  [errors.InvalidReply, 'invalid-reply', nothing],
];
