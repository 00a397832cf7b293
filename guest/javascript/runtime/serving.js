/** The export `rpc-endpoint` of a plugin that serves. */
import { Endpoints } from '../src/serving/endpoints.js';
import { raised } from '../src/serving/exception.js';
import { described } from './listed.js';
import { settle } from './exports.js';

/** What the host calls. The plugin is loaded when it is asked the first time. */
export function served(load) {
  let made = null;
  const all = () => {
    made ??= described('endpoints', () => settle('endpoints', () => {
      const { endpoints } = load();
      return typeof endpoints === 'function' ? endpoints() : endpoints;
    }), (endpoints) => new Endpoints(endpoints));
    return made;
  };
  return {
    endpoints: () => all().described(),
    handle(request) {
      try {
        const asked = told(request);
        return settle(asked.method, () => all().run(asked));
      } catch (error) {
        // How this toolchain says `err` of a result: what is thrown is the record.
        throw raised(error);
      }
    },
  };
}

/** Everything that the host says of a request, which it has back then. */
function told(request) {
  const monitor = request.callMonitorTimeout() ?? null;
  const { exchange, topic, server } = request.servedBy();
  const asked = {
    endpoint: request.endpoint(),
    method: request.method(),
    args: request.args(),
    context: request.context(),
    namespace: request.namespace() ?? null,
    version: request.version() ?? null,
    callMonitorTimeout: monitor === null ? null : Number(monitor) / 1e9,
    messageId: request.messageId() ?? null,
    servedBy: { exchange: exchange ?? null, topic: topic ?? null, server: server ?? null },
  };
  request[Symbol.dispose]();
  return asked;
}
