/**
 * oslo.messaging RPC from inside a WebAssembly component: call the methods of OpenStack-style
 * services from a sandboxed plugin. `types/index.d.ts` documents everything here.
 */
export { openClient, transports } from './client.js';
export { JsonText } from './encode.js';
export {
  AccessDenied, InvalidArgument, InvalidReply, InvalidTarget, LimitExceeded, MessageDeliveryFailure,
  MessagingError, MessagingTimeout, NoSuchTarget, OtherError, outcomeOf, RemoteError,
  RpcVersionCapError,
} from './errors.js';
export { limits, remaining } from './limits.js';
export { openNotifier } from './notifier.js';
export { Exception } from './serving/exception.js';
export { expectedExceptions, takes } from './serving/methods.js';
