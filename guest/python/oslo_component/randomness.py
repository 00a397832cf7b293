"""Randomness from the host: the component is a snapshot, with the generator's state in it."""

import _random
import errno
import os
import posix
import random
from typing import Any

from oslo_messaging_guest import _wit
from . import phase

_ORIGINAL = os.urandom
_ORIGINAL_SEED = random.Random.seed
_NEW: Any = _random.Random.__new__


def install() -> None:
    """Puts the host's random bytes in the place of the C library's."""
    os.urandom = posix.urandom = _urandom
    # It has a name of its own for it: SystemRandom, and so `secrets`, uses that.
    random._urandom = _urandom  # type: ignore[attr-defined]
    # Generators without a seed take one from the C library.
    for name, value in (('__new__', staticmethod(_generator)), ('seed', _seed)):
        setattr(random.Random, name, value)
    random.seed = random._inst.seed


def reseed() -> None:
    """Gives this instance numbers of its own, where its world has randomness."""
    if _wit.optional('random_random') is not None:
        random.seed(_urandom(32))


def _generator(kind: Any, *_: Any, **__: Any) -> Any:
    # Its `__init__` seeds it, as what is to come of it says.
    return _NEW(kind, 0)


def _seed(self: Any, a: Any = None, version: int = 2) -> None:
    if a is None:
        a = int.from_bytes(_urandom(32))
    _ORIGINAL_SEED(self, a, version)


def _urandom(size: int, /) -> bytes:
    if not phase.running:
        return _ORIGINAL(size)
    host = _wit.optional('random_random')
    if host is None:
        raise OSError(errno.ENOSYS, "the plugin's world has no wasi:random/random")
    return bytes(host.get_random_bytes(size))
