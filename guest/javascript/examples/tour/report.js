/** Prints what happened and remembers whether anything was not as it should be. */
export class Report {
  #steps = 0;
  #surprises = 0;

  /** What is only said. */
  note(what, text) {
    console.log(`    ${what.padEnd(16)} ${text}`);
  }

  /** A step that did what it should. */
  done(what, tried, came) {
    this.#steps += 1;
    const number = String(this.#steps).padStart(2);
    console.log(`${number}. ${what.padEnd(16)} ${tried}  ->  ${came}`);
  }

  /** A step that did not. */
  failed(what, tried, came) {
    this.#surprises += 1;
    this.done(what, tried, `UNEXPECTED: ${came}`);
  }

  /** A step that is right if it throws nothing, whatever it gives. */
  async step(what, tried, action) {
    try {
      this.done(what, tried, await action());
    } catch (error) {
      this.failed(what, tried, error.message);
    }
  }

  /** A step that is right if it throws an error of this class. */
  async refused(what, tried, type, action, say) {
    try {
      this.failed(what, tried, `it succeeded with ${JSON.stringify(await action())}`);
    } catch (error) {
      if (error instanceof type) {
        this.done(what, tried, say(error));
      } else {
        this.failed(what, tried, error.message);
      }
    }
  }

  /** The exit code. */
  finish() {
    console.log('');
    if (this.#surprises === 0) {
      console.log(`All ${this.#steps} steps did what they should.`);
      return 0;
    }
    console.log(`${this.#surprises} of ${this.#steps} steps did not do what they should.`);
    return 1;
  }
}
