"""How deeply values may be nested.

Python's JSON goes down with the values, and the end of a plugin's stack is the end of the plugin: it
cannot be caught. So it is looked at before.
"""

import re
from collections import deque
from collections.abc import Iterable
from typing import Any

# Far more than a service sends, and less than the stack of a plugin takes.
LEVELS = 200


def check_value(value: Any) -> None:
    """Of a value that is to become text.

    :raises RecursionError: when it is nested too deeply
    """
    level = {id(value): value}
    for _ in range(LEVELS):
        below: dict[int, Any] = {}
        for outer in level.values():
            inner: Iterable[Any]
            if isinstance(outer, dict):
                inner = outer.values()
            elif isinstance(outer, (list, tuple)):
                inner = outer
            else:
                continue
            # Each one once, whoever else has it: also what contains itself comes to an end.
            below.update((id(one), one) for one in inner if isinstance(one, (dict, list, tuple)))
        if not below:
            return
        level = below
    raise RecursionError(f'it is nested more than {LEVELS} levels deep')


def hold(value: Any) -> None:
    """Of a value that is nested too deeply, keeps each part. Its end, too, would go down with it, however
    it comes: `let_go` ends it from the outside, a level at a time.
    """
    known = {id(value)}
    waiting = deque([value])
    while waiting:
        outer = waiting.popleft()
        _held.append(outer)
        for one in outer.values() if isinstance(outer, dict) else outer:
            if isinstance(one, (dict, list, tuple)) and id(one) not in known:
                known.add(id(one))
                waiting.append(one)


def let_go() -> None:
    """Ends what is held, when nobody else has it any more."""
    while _held:
        _held.popleft()


_held: deque[Any] = deque()


def check_text(text: str) -> None:
    """Of a text that is to become a value.

    :raises RecursionError: when it is nested too deeply
    """
    if text.count('[') + text.count('{') <= LEVELS:
        return
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        match found.group()[0]:
            case '[' | '{':
                depth += 1
                if depth > LEVELS:
                    raise RecursionError(f'it is nested more than {LEVELS} levels deep')
            case ']' | '}':
                depth -= 1


_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)
