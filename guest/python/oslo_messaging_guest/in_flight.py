"""What the host does for `async` methods, until it has done it."""

import asyncio
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
    _in_flight.add(task)
    task.add_done_callback(_in_flight.discard)
    return await asyncio.shield(task)


async def settle() -> None:
    """Waits until the calls have ended that nobody waits for any more.

    A command does it after `main`, because an instance cannot end before them.
    """
    while _in_flight:
        await asyncio.gather(*_in_flight, return_exceptions=True)


_in_flight: set[asyncio.Task[Any]] = set()
