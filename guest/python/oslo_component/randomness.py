"""Randomness from the host: the component is a snapshot, with the generator's state in it."""

import errno
import os
import posix
import random

from oslo_messaging_guest import _wit
from . import phase

_ORIGINAL = os.urandom


def install() -> None:
    """Puts the host's random bytes in the place of the C library's."""
    os.urandom = posix.urandom = _urandom
    # It has a name of its own for it: SystemRandom, and so `secrets`, uses that.
    random._urandom = _urandom  # type: ignore[attr-defined]


def reseed() -> None:
    """Gives this instance numbers of its own, where its world has randomness."""
    if _wit.optional('random_random') is not None:
        random.seed(_urandom(32))


def _urandom(size: int, /) -> bytes:
    if not phase.running:
        return _ORIGINAL(size)
    host = _wit.optional('random_random')
    if host is None:
        raise OSError(errno.ENOSYS, "the plugin's world has no wasi:random/random")
    return bytes(host.get_random_bytes(size))
