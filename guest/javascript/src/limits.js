import { limits as host } from '#host';

/** What the host allows; see `types/index.d.ts`. */
export function limits() {
  return {
    requestBytes: Number(host.requestBytes()),
    replyBytes: Number(host.replyBytes()),
    heldReplyBytes: Number(host.heldReplyBytes()),
    callsInFlight: host.callsInFlight(),
    pendingCalls: host.pendingCalls(),
    requests: host.requests(),
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
