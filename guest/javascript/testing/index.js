/** For tests of plugins under Node.js; `types/testing.d.ts` documents everything here. */
export { after, grantTransport } from './transport.js';
export { handleWith } from './listener.js';
export { serveEndpoints } from './server.js';
