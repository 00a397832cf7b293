import { Exception, expectedExceptions, takes } from 'oslo-messaging-guest';

class ZeroDivisionError extends Exception {
  constructor() {
    super({ typeModule: 'builtins', typeName: 'ZeroDivisionError', message: 'division by zero' });
  }
}

class Numbers {
  target = { version: '1.0' };

  divide = takes('a', 'b')(expectedExceptions(ZeroDivisionError)((context, { a, b }) => {
    if (b === 0) {
      throw new ZeroDivisionError();
    }
    return a / b;
  }));
}

/** What the host serves. */
export const endpoints = [new Numbers()];
