/** A server in a test, with the dispatch of the host. */
import { read } from '../src/decode.js';
import { encode } from '../src/encode.js';
import { RemoteError } from '../src/errors.js';
import { Endpoints } from '../src/serving/endpoints.js';
import { raised } from '../src/serving/exception.js';

/** @import * as api from '../types/testing.js' */

/**
 * Serves endpoints; see `types/testing.d.ts`.
 * @param {unknown} endpoints
 * @param {{ exchange?: string, topic?: string, server?: string }} [target]
 * @returns {api.TestServer}
 */
export function serveEndpoints(endpoints, { exchange = 'openstack', topic = 'tested', server = 'test' } = {}) {
  const all = new Endpoints(typeof endpoints === 'function' ? endpoints() : endpoints);
  for (const { version } of all.described()) {
    if (version !== null && !/^\d+\.\d+$/.test(version)) {
      throw new TypeError(`the version of an endpoint is \`major.minor\`, not \`${version}\``);
    }
  }
  const servedBy = Object.freeze({ exchange, topic, server });
  let count = 0;
  return {
    async call(method, args = {}, options = {}) {
      const { context = {}, namespace = null, version = null, callMonitorTimeout = null } = options;
      count += 1;
      const endpoint = dispatched(all.described(), method, namespace, version ?? '1.0');
      const asked = {
        endpoint, method, args: encode('args', args), context: encode('context', context), namespace,
        version, callMonitorTimeout, messageId: `message-${count}`, servedBy,
      };
      let text;
      try {
        text = await all.run(asked);
      } catch (thrown) {
        const { args: argsText, kwargs: kwargsText, ...rest } = raised(thrown);
        throw new RemoteError({
          ...rest, args: read(argsText), argsText, kwargs: read(kwargsText), kwargsText,
        }, { cause: thrown });
      }
      return read(text);
    },
  };
}

/**
 * The first endpoint for a request that has the method.
 * @param {import('../src/serving/endpoints.js').Described[]} endpoints
 * @param {string} method
 * @param {string | null} namespace
 * @param {string} version
 */
function dispatched(endpoints, method, namespace, version) {
  let isCompatible = false;
  for (const [index, endpoint] of endpoints.entries()) {
    if ([endpoint.namespace, ...endpoint.legacyNamespaces].includes(namespace)
      && implementsVersion(endpoint.version ?? '1.0', version)) {
      isCompatible = true;
      if (endpoint.methods.includes(method)) {
        return index;
      }
    }
  }
  const [typeName, message] = isCompatible
    ? ['NoSuchMethod', `Endpoint does not support RPC method ${method}`]
    : ['UnsupportedVersion', `Endpoint does not support RPC version ${version}. Attempted method: ${method}`];
  throw new RemoteError({ typeName, typeModule: 'oslo_messaging.rpc.dispatcher', message, args: [message] });
}

/**
 * @param {string} implemented
 * @param {string} asked
 */
function implementsVersion(implemented, asked) {
  const [[major, minor], [askedMajor, askedMinor]] = [implemented, asked]
    .map((it) => it.split('.').map(Number));
  return major === askedMajor && askedMinor <= minor;
}
