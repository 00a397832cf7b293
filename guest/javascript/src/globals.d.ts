/** The globals of a plugin that TypeScript's `lib` for the language alone does not have. */
interface Console {
  log(...values: unknown[]): void;
  info(...values: unknown[]): void;
  debug(...values: unknown[]): void;
  /** Like `error` and `trace`, to standard error. */
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
  trace(...values: unknown[]): void;
}

declare var console: Console;
declare var performance: { now(): number };
declare var crypto: {
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  randomUUID(): string;
};

declare function setTimeout<A extends unknown[]>(
  action: (...args: A) => void, milliseconds?: number, ...args: A
): number;
declare function setInterval<A extends unknown[]>(
  action: (...args: A) => void, milliseconds?: number, ...args: A
): number;
declare function clearTimeout(timer: number | undefined): void;
declare function clearInterval(timer: number | undefined): void;
declare function queueMicrotask(action: () => void): void;

declare class TextEncoder {
  readonly encoding: string;
  encode(text?: string): Uint8Array;
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean });
  readonly encoding: string;
  decode(bytes?: ArrayBuffer | ArrayBufferView): string;
}
