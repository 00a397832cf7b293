import { inspect } from '../inspect.js';
import { write } from '../streams.js';

const out = (...values) => print('stdout', values);
const error = (...values) => print('stderr', values);

export const console = { log: out, info: out, debug: out, warn: error, error, trace: error };

function print(stream, values) {
  write(stream, `${values.map(inspect).join(' ')}\n`);
}
