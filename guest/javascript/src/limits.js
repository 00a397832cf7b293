import { limits as host } from '#host';

/** What the host allows; see `types/index.d.ts`. */
export function limits() {
  return {
    requestBytes: Number(host.requestBytes()),
    replyBytes: Number(host.replyBytes()),
    heldReplyBytes: Number(host.heldReplyBytes()),
    callsInFlight: unsigned(host.callsInFlight()),
    pendingCalls: unsigned(host.pendingCalls()),
    requests: unsigned(host.requests()),
  };
}

/** What is left of the invocation's time, in seconds; null when it has no limit. */
export function remaining() {
  return seconds(host.remaining());
}

/**
 * Seconds of nanoseconds; null of none.
 * @param {number | bigint | null | undefined} nanoseconds
 */
export function seconds(nanoseconds) {
  return nanoseconds === null || nanoseconds === undefined ? null : Number(nanoseconds) / 1e9;
}

/**
 * 32 bits, which the toolchain gives as a number with a sign.
 * @param {number} value
 */
export function unsigned(value) {
  return value >>> 0;
}
