/**
 * oslo.messaging RPC from inside a WebAssembly component: call the methods of OpenStack-style
 * services from a sandboxed plugin. `index.d.ts` documents everything here.
 */
export { openClient, remaining } from './client.js';
export * from './errors.js';
