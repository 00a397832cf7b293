import { fromUtf8, toUtf8 } from '../utf8.js';

export class TextEncoder {
  encoding = 'utf-8';

  encode(text = '') {
    return toUtf8(String(text));
  }
}

export class TextDecoder {
  encoding = 'utf-8';

  constructor(label = 'utf-8', { fatal = false } = {}) {
    if (!['utf-8', 'utf8'].includes(label.toLowerCase())) {
      throw new RangeError(`TextDecoder knows utf-8, not ${label}`);
    }
    this.fatal = fatal;
  }

  decode(bytes = new Uint8Array()) {
    const view = ArrayBuffer.isView(bytes)
      ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : new Uint8Array(bytes);
    return fromUtf8(view, this.fatal);
  }
}
