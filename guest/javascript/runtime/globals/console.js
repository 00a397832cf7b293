import { inspect } from '../inspect.js';
import { write } from '../streams.js';

const printer = (stream) => (...values) => write(stream, `${values.map(inspect).join(' ')}\n`);

export const console = {
  log: printer('stdout'),
  info: printer('stdout'),
  debug: printer('stdout'),
  warn: printer('stderr'),
  error: printer('stderr'),
  trace: printer('stderr'),
};
