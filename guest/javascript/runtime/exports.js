/** The exports of a plugin: loaded when the first of them is called, with a loop around each. */
import { enqueue, run as runLoop } from './loop.js';
import { LoopPromise } from './promise.js';

// The SDK's own frames leave too few of ten for the plugin's.
Error.stackTraceLimit = 30;

let isRunning = false;
let loaded = null;

/**
 * Lets something run, and returns what it gives; of a promise, what it is fulfilled with. What it
 * leaves running goes on with the next export that is called.
 */
export function settle(name, action) {
  if (isRunning) {
    return action();
  }
  globalThis.Promise = LoopPromise;
  globalThis.queueMicrotask = enqueue;
  isRunning = true;
  try {
    const value = action();
    return isThenable(value) ? awaited(name, value) : value;
  } finally {
    isRunning = false;
  }
}

/**
 * An export, which is a function or an object of functions and classes. Which of them it is, only
 * the plugin knows, and it is not loaded while it is built.
 */
export function exported(load, name) {
  const member = () => settle(name, () => (loaded ??= load())[name]);
  return new Proxy(() => {}, {
    apply: (_, self, args) => settle(name, () => Reflect.apply(member(), self, args)),
    get: (_, key) => inside(member(), key, `${name}.${String(key)}`),
  });
}

function inside(holder, key, name) {
  const value = holder[key];
  if (typeof value !== 'function') {
    return value;
  }
  if (isClass(value)) {
    wrapMethods(value, name);
    return value;
  }
  return (...args) => settle(name, () => Reflect.apply(value, holder, args));
}

/** The host looks the methods of a resource up in its objects, so they are wrapped in their place. */
function wrapMethods(type, name) {
  for (const holder of [type, type.prototype]) {
    for (const key of Object.getOwnPropertyNames(holder)) {
      const { value, writable } = Object.getOwnPropertyDescriptor(holder, key);
      if (typeof value === 'function' && writable && key !== 'constructor' && !wrapped.has(value)) {
        const method = function method(...args) {
          return settle(`${name}.${key}`, () => Reflect.apply(value, this, args));
        };
        wrapped.add(method);
        holder[key] = method;
      }
    }
  }
}

const wrapped = new WeakSet();

/** A class is the only function whose prototype cannot be replaced. */
function isClass(value) {
  return Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false;
}

function isThenable(value) {
  return value !== null && typeof value === 'object' && typeof value.then === 'function';
}

function awaited(name, value) {
  let end = null;
  LoopPromise.resolve(value).then(
    (result) => {
      end = { result };
    },
    (error) => {
      end = { error };
    },
  );
  runLoop(() => end !== null);
  if (end === null) {
    throw new Error(`\`${name}\` waits for a promise that nothing will settle`);
  }
  if ('error' in end) {
    throw end.error;
  }
  return end.result;
}
