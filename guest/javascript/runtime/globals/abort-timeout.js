/** `AbortSignal.timeout`, apart: who does not use it needs no clock. */
import { AbortController, DOMException } from './abort.js';
import { __setIdleTimeout } from './timers.js';

export function __abortSignalTimeout(milliseconds) {
  const controller = new AbortController();
  const late = () => controller.abort(new DOMException('its time was up', 'TimeoutError'));
  __setIdleTimeout(late, milliseconds);
  return controller.signal;
}
