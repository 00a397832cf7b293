"""Exports that wait with `async`, to their end."""

from collections.abc import Coroutine
from typing import Any, TypeVar

import componentize_py_async_support
from oslo_messaging_guest import in_flight

_T = TypeVar('_T')


async def whole(answer: Coroutine[Any, Any, _T]) -> _T:
    """What the export answers. The calls that it gave up waiting for go on after that: an export that
    ended before them would trap.
    """
    in_flight.begin()
    try:
        return await answer
    finally:
        if in_flight.is_left():
            componentize_py_async_support.spawn(in_flight.settle())
