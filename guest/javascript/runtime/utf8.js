/** The bytes of a text; half of a surrogate pair becomes U+FFFD. */
export function toUtf8(text) {
  const binary = unescape(encodeURIComponent(text.toWellFormed()));
  return Uint8Array.from(binary, (byte) => byte.charCodeAt(0));
}

/** The text of bytes; what is not UTF-8 becomes U+FFFD, or an error if it is `fatal`. */
export function fromUtf8(bytes, fatal) {
  let text = '';
  for (let start = 0; start < bytes.length;) {
    const length = lengthOf(bytes[start]);
    const sequence = bytes.subarray(start, start + length);
    const escaped = Array.from(sequence, (byte) => `%${byte.toString(16).padStart(2, '0')}`);
    try {
      text += decodeURIComponent(escaped.join(''));
      start += sequence.length;
    } catch {
      if (fatal) {
        throw new TypeError(`byte ${start} is not UTF-8`);
      }
      text += '\ufffd';
      start += 1;
    }
  }
  return text;
}

function lengthOf(byte) {
  if (byte < 0xc0) {
    return 1;
  }
  if (byte < 0xe0) {
    return 2;
  }
  return byte < 0xf0 ? 3 : 4;
}
