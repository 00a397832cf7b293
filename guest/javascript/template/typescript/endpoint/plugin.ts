import { Exception, expectedExceptions, takes } from 'oslo-messaging-guest';

class ZeroDivisionError extends Exception {
  constructor() {
    super({ typeModule: 'builtins', typeName: 'ZeroDivisionError', message: 'division by zero' });
  }
}

class Numbers {
  target = { version: '1.0' };

  @takes('a', 'b')
  @expectedExceptions(ZeroDivisionError)
  divide(context: unknown, { a, b }: { a: number; b: number }): number {
    if (b === 0) {
      throw new ZeroDivisionError();
    }
    return a / b;
  }
}

/** What the host serves. */
export const endpoints = [new Numbers()];
