/** Prints what happened and remembers whether anything was not as it should be. */
export class Report {
  #steps = 0;
  #surprises = 0;

  /** What is only said. */
  note(what: string, text: string): void {
    console.log(`    ${what.padEnd(16)} ${text}`);
  }

  /** A step that did what it should. */
  done(what: string, tried: string, came: unknown): void {
    this.#steps += 1;
    const number = String(this.#steps).padStart(2);
    console.log(`${number}. ${what.padEnd(16)} ${tried}  ->  ${came}`);
  }

  /** A step that did not. */
  failed(what: string, tried: string, came: unknown): void {
    this.#surprises += 1;
    this.done(what, tried, `UNEXPECTED: ${came}`);
  }

  /** A step that is right if it throws nothing, whatever it gives. */
  async step(what: string, tried: string, action: () => unknown): Promise<void> {
    try {
      this.done(what, tried, await action());
    } catch (error) {
      this.failed(what, tried, (error as Error).message);
    }
  }

  /** A step that is right if it throws an error of this class. */
  async refused<E extends Error>(
    what: string,
    tried: string,
    type: abstract new (...args: never[]) => E,
    action: () => unknown,
    say: (error: E) => string,
  ): Promise<void> {
    try {
      this.failed(what, tried, `it succeeded with ${JSON.stringify(await action())}`);
    } catch (error) {
      if (error instanceof type) {
        this.done(what, tried, say(error));
      } else {
        this.failed(what, tried, (error as Error).message);
      }
    }
  }

  /** The exit code. */
  finish(): number {
    console.log('');
    if (this.#surprises === 0) {
      console.log(`All ${this.#steps} steps did what they should.`);
      return 0;
    }
    console.log(`${this.#surprises} of ${this.#steps} steps did not do what they should.`);
    return 1;
  }
}
