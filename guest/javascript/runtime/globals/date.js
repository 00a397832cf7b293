/** The time of day. The engine's own clock is not connected: asking it would trap. */
import clock from 'wasi:clocks/wall-clock@0.2.12';

const Engine = globalThis.Date;

export class Date extends Engine {
  constructor(...given) {
    super(...(given.length === 0 ? [Date.now()] : given));
  }

  static now() {
    const { seconds, nanoseconds } = clock.now();
    return Number(seconds) * 1000 + Math.floor(nanoseconds / 1e6);
  }
}
