/** What the SDK asks of the host that runs the plugin; under Node.js `testing/host.js` is in its place. */
import client from 'oslo:messaging/client@0.1.0';
import limits from 'oslo:messaging/limits@0.1.0';
import notifier from 'oslo:messaging/notifier@0.1.0';
import rpcPoll from 'oslo:messaging/rpc-poll@0.1.0';
import rpc from 'oslo:messaging/rpc@0.1.0';

import { waitFor } from '../runtime/pollables.js';

export { client, limits, notifier, rpc, rpcPoll };

/**
 * Starts an action when a call or cast has ended, and returns a function that takes this back. The
 * host gets back what was needed for it.
 * @param {{ subscribe(): any }} pending
 * @param {() => void} action
 */
export function whenEnded(pending, action) {
  return waitFor(pending.subscribe(), action);
}
