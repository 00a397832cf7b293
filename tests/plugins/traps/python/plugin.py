"""What goes wrong in a plugin in Python, a line each: traps of the toolchain, mistakes of authors.

`uncaught`, `exit CODE` and `message` as the argument end it as a program may end.
"""

import random
import secrets
import sys
import uuid

import lines
import mistakes


def main(arguments: list[str]) -> int | str | None:
    match arguments:
        case ['uncaught']:
            print('before')
            return lines.divide(1, 0)
        case ['exit', code]:
            sys.exit(int(code))
        case ['message']:
            sys.exit('it ends with a message')
    print(f'random          {random.random()}')
    print(f'secret          {secrets.token_hex(8)}')
    print(f'uuid            {uuid.uuid4()}')
    for name, attempt in [*lines.ATTEMPTS, *mistakes.ATTEMPTS]:
        try:
            came = attempt()
        except Exception as error:
            came = f'{type(error).__name__}: {error}'
        print(f'{name:<15} {came}')
    print('a line in "caf\xe9", 雪 and \U0001f600')
    print('to standard error', file=sys.stderr)
    return None
