import { InvalidArgument, MessagingError } from 'oslo-messaging-guest';

// Not of the package: results are printed as they were read, with all digits of integers.
import { toText } from '../../../../../guest/javascript/src/encode.js';
import { detail } from './detail.js';

/** The outcome of an action that may throw. */
export function outcome(action) {
  try {
    return { ok: action() ?? null };
  } catch (error) {
    return failure(error);
  }
}

export function failure(error) {
  if (error instanceof InvalidArgument && /^there is no (setting|option)/.test(error.message)) {
    return refuse(error.message);
  }
  return error instanceof MessagingError ? { error: detail(error) } : refuse(error.message);
}

/** What became of a promise, or of one call of many. */
export function settled({ status, value, reason }) {
  return status === 'fulfilled' ? { ok: value ?? null } : failure(reason);
}

export function refuse(message) {
  return { error: { case: 'script', message } };
}

export function print(outcomes) {
  return toText(outcomes);
}
