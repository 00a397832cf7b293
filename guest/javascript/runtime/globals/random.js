/** Randomness of the host: the engine's own is the same in every instance. */
import host from 'wasi:random/random@0.2.12';

/** `Math.random`. */
export function random() {
  // 53 bits, as many as a number has.
  const [a, b, c, d, e, f, g] = host.getRandomBytes(7);
  return ((((((a & 31) * 256 + b) * 256 + c) * 256 + d) * 256 + e) * 65536 + f * 256 + g) / 2 ** 53;
}

export { random as __mathRandom };

export const crypto = {
  getRandomValues(array) {
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
      .set(host.getRandomBytes(array.byteLength));
    return array;
  },

  randomUUID() {
    const bytes = host.getRandomBytes(16);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  },
};
