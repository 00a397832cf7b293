/** The time of day. The engine's own clock is not connected: asking it would trap. */
import clock from 'wasi:clocks/wall-clock@0.2.12';

// Marked, here and in other globals, for the bundler to leave out what nobody uses.
export const Date = /* @__PURE__ */ connected();

function connected() {
  const Engine = globalThis.Date;
  const date = new Proxy(Engine, {
    // `Date()` without `new` is a text.
    apply: () => new Engine(now()).toString(),
    construct: (_, given, type) => (
      Reflect.construct(Engine, given.length === 0 ? [now()] : given, type)
    ),
    get: (_, name) => (name === 'now' ? now : Engine[name]),
  });
  Engine.prototype.constructor = date;
  return date;
}

function now() {
  const { seconds, nanoseconds } = clock.now();
  return Number(seconds) * 1000 + Math.floor(nanoseconds / 1e6);
}
