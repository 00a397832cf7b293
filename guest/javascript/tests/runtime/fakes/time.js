/** A clock that stands still until somebody waits, and what is open of it. */
export const time = { now: 0, open: 0 };

/** Something that is ready from a moment on. */
export class Pollable {
  constructor(at) {
    this.at = at;
    time.open += 1;
  }

  [Symbol.dispose]() {
    time.open -= 1;
  }
}
