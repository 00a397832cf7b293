/** What was printed. */
export const printed = [];

const stream = {
  blockingWriteAndFlush: (bytes) => printed.push(new TextDecoder().decode(bytes)),
  [Symbol.dispose]() {},
};
export default { getStderr: () => stream };
