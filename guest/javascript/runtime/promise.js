/**
 * Promises on the loop of this runtime. QuickJS has its own, and this toolchain never runs their
 * jobs in a component with plain functions, so that nothing after the first `await` would happen.
 */
import { enqueue, rejected, handled } from './loop.js';

export class LoopPromise {
  static name = 'Promise';

  #state = 'pending';
  #value;
  #reactions = [];

  constructor(executor) {
    if (typeof executor !== 'function') {
      throw new TypeError('a Promise is made with a function');
    }
    const { resolve, reject } = this.#deciders();
    try {
      executor(resolve, reject);
    } catch (error) {
      reject(error);
    }
  }

  then(onFulfilled, onRejected) {
    return new LoopPromise((resolve, reject) => {
      const follow = (handler, otherwise) => (value) => {
        if (typeof handler !== 'function') {
          otherwise(value);
          return;
        }
        try {
          resolve(handler(value));
        } catch (error) {
          reject(error);
        }
      };
      this.#when({ fulfilled: follow(onFulfilled, resolve), rejected: follow(onRejected, reject) });
    });
  }

  catch(onRejected) {
    return this.then(undefined, onRejected);
  }

  finally(action) {
    return this.then(
      (value) => LoopPromise.resolve(action?.()).then(() => value),
      (reason) => LoopPromise.resolve(action?.()).then(() => {
        throw reason;
      }),
    );
  }

  get [Symbol.toStringTag]() {
    return 'Promise';
  }

  static resolve(value) {
    return value instanceof LoopPromise ? value : new LoopPromise((resolve) => resolve(value));
  }

  static reject(reason) {
    return new LoopPromise((_, reject) => reject(reason));
  }

  static withResolvers() {
    const parts = {};
    parts.promise = new LoopPromise((resolve, reject) => Object.assign(parts, { resolve, reject }));
    return parts;
  }

  static try(action, ...args) {
    return new LoopPromise((resolve) => resolve(action(...args)));
  }

  static all(values) {
    return gather(values, (promise, resolve, reject) => promise.then(resolve, reject));
  }

  static allSettled(values) {
    return gather(values, (promise, resolve) => promise.then(
      (value) => resolve({ status: 'fulfilled', value }),
      (reason) => resolve({ status: 'rejected', reason }),
    ));
  }

  static any(values) {
    const none = (reasons) => new AggregateError(reasons, 'all promises were rejected');
    return new LoopPromise((resolve, reject) => {
      gather(values, (promise, failed) => promise.then(resolve, failed))
        .then((reasons) => reject(none(reasons)));
    });
  }

  static race(values) {
    return new LoopPromise((resolve, reject) => {
      for (const value of values) {
        LoopPromise.resolve(value).then(resolve, reject);
      }
    });
  }

  /** The two functions that decide it, of which the first call counts. */
  #deciders() {
    let decided = false;
    const once = (action) => (value) => {
      if (!decided) {
        decided = true;
        action(value);
      }
    };
    const reject = (reason) => this.#settle('rejected', reason);
    return { resolve: once((value) => this.#adopt(value)), reject: once(reject) };
  }

  #adopt(value) {
    if (value === this) {
      this.#settle('rejected', new TypeError('a promise cannot wait for itself'));
      return;
    }
    try {
      const then = value !== null && ['object', 'function'].includes(typeof value) && value.then;
      if (typeof then !== 'function') {
        this.#settle('fulfilled', value);
        return;
      }
      const { resolve, reject } = this.#deciders();
      enqueue(() => {
        try {
          then.call(value, resolve, reject);
        } catch (error) {
          reject(error);
        }
      });
    } catch (error) {
      this.#settle('rejected', error);
    }
  }

  #settle(state, value) {
    [this.#state, this.#value] = [state, value];
    if (state === 'rejected' && this.#reactions.length === 0) {
      rejected(this, value);
    }
    for (const reaction of this.#reactions) {
      enqueue(() => reaction[state](value));
    }
    this.#reactions = [];
  }

  #when(reaction) {
    if (this.#state === 'pending') {
      this.#reactions.push(reaction);
      return;
    }
    handled(this);
    enqueue(() => reaction[this.#state](this.#value));
  }
}

/** A promise for a list, whose places are filled as each of the values allows. */
function gather(values, fill) {
  return new LoopPromise((resolve, reject) => {
    const results = [];
    let missing = 1;
    const arrived = () => {
      missing -= 1;
      if (missing === 0) {
        resolve(results);
      }
    };
    let index = 0;
    for (const value of values) {
      const place = index;
      index += 1;
      missing += 1;
      const put = (result) => {
        results[place] = result;
        arrived();
      };
      fill(LoopPromise.resolve(value), put, reject);
    }
    arrived();
  });
}
