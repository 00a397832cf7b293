"""What the host does for `async` methods, until it has done it."""

import asyncio
import contextvars
from collections.abc import Coroutine
from typing import Any


class Refused:
    """An error of the host, for whoever waits: in a task it would be in a cycle with the task."""

    def __init__(self, error: Any) -> None:
        self.error = error


async def kept(exchange: Coroutine[Any, Any, Any]) -> Any:
    """Waits for it, and lets it go on when the one who waits is cancelled."""
    # The bindings cannot cancel what the host does: its answer would find a future that was
    # cancelled, and trap. So it has a task of its own, which nobody cancels.
    task = asyncio.ensure_future(exchange)
    tasks = _own.get(_in_flight)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return await asyncio.shield(task)


def begin() -> None:
    """From here on, what this export starts is its own, and nobody else waits for it."""
    _own.set(set())


def is_left() -> bool:
    """Whether something has not ended that was started."""
    return bool(_own.get(_in_flight))


async def settle() -> None:
    """Waits until the calls have ended that nobody waits for any more.

    An export cannot end before them: a command does it after `main`, and one that is called again and
    again after it has answered.
    """
    while tasks := _own.get(_in_flight):
        await asyncio.gather(*tasks, return_exceptions=True)


_in_flight: set[asyncio.Task[Any]] = set()
_own: contextvars.ContextVar[set[asyncio.Task[Any]]] = contextvars.ContextVar('oslo_in_flight')
