import { InvalidArgument } from './errors.js';

/** A client or notifier of the host, until it is given back. */
export class Held {
  #what;
  #raw;

  /**
   * @param {'client' | 'notifier'} what
   * @param {any} raw
   */
  constructor(what, raw) {
    this.#what = what;
    this.#raw = raw;
  }

  /** The host's own. Once it was given back the bindings would trap. */
  get raw() {
    if (this.#raw === null) {
      const message = `this ${this.#what} was disposed of: open a new one`;
      throw new InvalidArgument({ argument: this.#what, message });
    }
    return this.#raw;
  }

  /** Gives it back, unless that was done. */
  giveBack() {
    const raw = this.#raw;
    this.#raw = null;
    raw?.[Symbol.dispose]();
  }
}
