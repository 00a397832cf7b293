/** Lets the SDK and the runtime be imported as in a component: WASI and the contract are `fakes.js`. */
import { register } from 'node:module';

const hooks = `
  export async function resolve(name, context, next) {
    const found = /^(?:wasi|host|oslo):[a-z-]+\\/([a-z-]+)@/.exec(name);
    return found === null
      ? next(name, context)
      : { url: new URL(found[1] + '.js', ${JSON.stringify(new URL('fakes/', import.meta.url).href)}).href, shortCircuit: true };
  }
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
