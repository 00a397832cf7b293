/**
 * The globals of a plugin that TypeScript's `lib` for the language alone does not have. Who has the
 * library `dom` or `@types/node` beside them, for tests, needs `skipLibCheck`, as both of them do.
 */
interface Console {
  log(...values: any[]): void;
  info(...values: any[]): void;
  debug(...values: any[]): void;
  /** Like `error` and `trace`, to standard error. */
  warn(...values: any[]): void;
  error(...values: any[]): void;
  trace(...values: any[]): void;
}
declare var console: Console;

interface Performance {
  /** Milliseconds since some moment, which never run backwards. */
  now(): number;
}
declare var performance: Performance;

interface Crypto {
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  randomUUID(): `${string}-${string}-${string}-${string}-${string}`;
}
declare var crypto: Crypto;

declare function setTimeout<A extends unknown[]>(
  action: (...args: A) => void, milliseconds?: number, ...args: A
): number;
declare function setInterval<A extends unknown[]>(
  action: (...args: A) => void, milliseconds?: number, ...args: A
): number;
declare function clearTimeout(timer: number | undefined): void;
declare function clearInterval(timer: number | undefined): void;
declare function queueMicrotask(action: () => void): void;

interface TextEncoder {
  readonly encoding: string;
  encode(text?: string): Uint8Array<ArrayBuffer>;
}
declare var TextEncoder: { prototype: TextEncoder; new(): TextEncoder };

interface TextDecoder {
  readonly encoding: string;
  readonly fatal: boolean;
  decode(bytes?: ArrayBuffer | ArrayBufferView): string;
}
declare var TextDecoder: {
  prototype: TextDecoder;
  new(label?: string, options?: { fatal?: boolean }): TextDecoder;
};

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: any;
  onabort: ((this: AbortSignal, event: any) => any) | null;
  throwIfAborted(): void;
  addEventListener(
    type: 'abort', listener: (this: AbortSignal, event: any) => any, options?: { once?: boolean },
  ): void;
  removeEventListener(type: 'abort', listener: (this: AbortSignal, event: any) => any): void;
}
declare var AbortSignal: {
  prototype: AbortSignal;
  new(): AbortSignal;
  /** A signal that is aborted already. */
  abort(reason?: any): AbortSignal;
  /** A signal that is aborted as soon as one of them is. */
  any(signals: AbortSignal[]): AbortSignal;
  /** A signal that is aborted after so many milliseconds, with a `TimeoutError`. */
  timeout(milliseconds: number): AbortSignal;
};

interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: any): void;
}
declare var AbortController: { prototype: AbortController; new(): AbortController };

interface DOMException extends Error {
  readonly name: string;
}
declare var DOMException: {
  prototype: DOMException;
  new(message?: string, name?: string): DOMException;
};

/** Interfaces of a world of the plugin's own. Those of other packages are declared like this too. */
declare module 'wasi:*';
