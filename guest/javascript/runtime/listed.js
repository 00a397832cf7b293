import { inspect } from './inspect.js';
import { write } from './streams.js';

/**
 * What the plugin says it is, made of what it exports by this name. When that cannot be, whoever wrote
 * it reads why, and the host refuses the plugin.
 */
export function described(name, exported, make) {
  try {
    return make(exported());
  } catch (error) {
    write('stderr', `cannot use \`${name}\` of the plugin: ${inspect(error)}\n`);
    throw error;
  }
}
