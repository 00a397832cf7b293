import stderr from 'wasi:cli/stderr@0.2.12';
import stdout from 'wasi:cli/stdout@0.2.12';

import { toUtf8 } from './utf8.js';

/** Writes text to `stdout` or `stderr`. A stream that was closed swallows it. */
export function write(name, text) {
  const stream = name === 'stdout' ? stdout.getStdout() : stderr.getStderr();
  const bytes = toUtf8(text);
  try {
    for (let start = 0; start < bytes.length; start += AT_ONCE) {
      stream.blockingWriteAndFlush(bytes.subarray(start, start + AT_ONCE));
    }
  } catch {
    // Nobody reads it, and there is no other place to say so.
  } finally {
    stream[Symbol.dispose]();
  }
}

/** What WASI takes in one write. */
const AT_ONCE = 4096;
