import { MessagingError, RemoteError } from '../src/errors.js';

/**
 * What the toolchain throws for an error of the host.
 * @param {string} tag
 * @param {Record<string, any>} val
 */
export function refused(tag, val) {
  return Object.assign(new Error(val.message), { payload: { tag, val } });
}

/**
 * What becomes of something that a method threw: an error of this package is what the transport
 * says, and anything else an exception of the server.
 * @param {unknown} thrown
 */
export function asHost(thrown) {
  if (thrown instanceof RemoteError) {
    const { typeName, typeModule, message, argsText, kwargsText, traceback } = thrown;
    const val = { typeName, typeModule, message, args: argsText, kwargs: kwargsText, traceback };
    return { tag: 'remote', val };
  }
  if (thrown instanceof MessagingError) {
    const val = { ...thrown, message: thrown.message };
    if ('limit' in val && typeof val.limit === 'number') {
      val.limit = Math.round(val.limit * 1e9);
    }
    return { tag: CASES[thrown.name] ?? 'other', val };
  }
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return asHost(new RemoteError({ typeName: error.name, message: error.message, args: [error.message] }));
}

/** @type {Record<string, string>} */
const CASES = {
  MessagingTimeout: 'timeout',
  NoSuchTarget: 'no-such-target',
  MessageDeliveryFailure: 'delivery-failure',
  RpcVersionCapError: 'version-cap',
  InvalidTarget: 'invalid-target',
  InvalidArgument: 'invalid-argument',
  AccessDenied: 'access-denied',
  LimitExceeded: 'limit-exceeded',
  InvalidReply: 'invalid-reply',
};
