"""What goes wrong in a plugin in Python, a line each: traps of the toolchain, mistakes of authors.

`library` as the argument tries Python's library, and `depth` what goes deep.
`uncaught`, `exit CODE` and `message` as the argument end it as a program may end.
"""

import random
import secrets
import sys
import uuid
from typing import Any

import library
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
        case ['library']:
            attempt_all(library.ATTEMPTS)
            return None
        case ['depth']:
            attempt_all(library.DEPTH)
            return None
    print(f'random          {random.random()}')
    print(f'secret          {secrets.token_hex(8)}')
    print(f'uuid            {uuid.uuid4()}')
    attempt_all([*lines.ATTEMPTS, *mistakes.ATTEMPTS])
    print('a line in "caf\xe9", 雪 and \U0001f600')
    print('to standard error', file=sys.stderr)
    return None


def attempt_all(attempts: list[Any]) -> None:
    for name, attempt in attempts:
        try:
            came = attempt()
        except (Exception, SystemExit) as error:
            came = f'{type(error).__name__}: {error}'
        print(f'{name:<15} {came}')
