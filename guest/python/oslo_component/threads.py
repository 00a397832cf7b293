"""No other threads: who waits for one without an end would wait for ever."""

import _queue
import _thread
import queue
import threading
import time
from typing import Any

from . import phase

_ORIGINAL = threading.Condition.wait


def install() -> None:
    """Puts these in the place of what waits in the C library, which would trap or never end."""
    threading.Lock = threading._allocate_lock = Lock  # type: ignore[assignment, attr-defined]
    _thread.allocate_lock = _thread.allocate = Lock  # type: ignore[assignment]
    threading.Condition.wait = _wait  # type: ignore[method-assign]
    queue.SimpleQueue = _queue.SimpleQueue = SimpleQueue  # type: ignore[misc]


class Lock:
    """A lock that nobody else can release."""

    def __init__(self) -> None:
        self._locked = False

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if not blocking and timeout != -1:
            raise ValueError("can't specify a timeout for a non-blocking call")
        if timeout < 0 and timeout != -1:
            raise ValueError('timeout value must be a non-negative number')
        if self._locked:
            if blocking:
                _pass(None if timeout == -1 else timeout)
            return False
        self._locked = True
        return True

    def release(self) -> None:
        if not self._locked:
            raise RuntimeError('release unlocked lock')
        self._locked = False

    def locked(self) -> bool:
        return self._locked

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _at_fork_reinit(self) -> None:
        self._locked = False


class SimpleQueue(queue._PySimpleQueue):  # type: ignore[name-defined]
    """The one that is written in Python, which waits as other queues do."""

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        # The compiled one does not look at a timeout that is not needed.
        return super().get(block, timeout if block else None)


def _wait(self: Any, timeout: float | None = None) -> bool:
    """What events, queues, semaphores and futures are made of."""
    if not phase.running:
        return _ORIGINAL(self, timeout)
    if not self._is_owned():
        raise RuntimeError('cannot wait on un-acquired lock')
    _pass(timeout)
    # Nobody can have notified it.
    return False


def _pass(timeout: float | None) -> None:
    if timeout is None:
        raise RuntimeError('a plugin has no other thread that could end this wait')
    if timeout > 0:
        time.sleep(timeout)
