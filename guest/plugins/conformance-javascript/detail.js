import * as errors from 'oslo-messaging-guest';

/** An error as `tests/wit` wants it. */
export function detail(error) {
  if (error instanceof errors.RemoteError) {
    const { excType, module, value, args, kwargs, traceback } = error;
    return { case: 'remote', class: excType, module, message: value, args, kwargs, traceback };
  }
  const { message } = error;
  for (const [type, name, fields] of CASES) {
    if (error instanceof type) {
      return { case: name, ...fields(error), message };
    }
  }
  return { case: 'other', message };
}

const nothing = () => ({});
const CASES = [
  [errors.MessagingTimeout, 'timeout', ({ waitingFor, delivery, limit }) => ({
    'waiting-for': waitingFor, delivery, limit: Math.round(limit * 1e9),
  })],
  [errors.NoSuchTarget, 'no-such-target', ({ exchange, routingKey }) => ({
    exchange, 'routing-key': routingKey,
  })],
  [errors.MessageDeliveryFailure, 'delivery-failure', ({ delivery }) => ({ delivery })],
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
