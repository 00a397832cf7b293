"""The host's client behind a client of this package and everything that was prepared from it."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from . import _wit
from .values import NAMES, NOTHING, lowered, required_text


class HostClient:
    """A client of the host, opened with some settings when it is first needed.

    A message with other settings takes the difference along as options. So a prepared context costs
    the host nothing, and what is assigned to its attributes counts for the next message.
    """

    def __init__(self, transport: str, values: Sequence[Any]) -> None:
        self._transport = transport
        self._given = tuple(values)
        self._opened: tuple[Any, ...] = NOTHING
        self._raw: Any = None
        # The values that were compared last, which are often those of the next message.
        self._known: tuple[Any, ...] | None = None
        self._changes: tuple[tuple[str, Any], ...] = ()

    def raw(self) -> Any:
        """The bindings' object.

        :raises InvalidArgument: naming the setting that is unusable
        """
        if self._raw is None:
            interface, types = _wit.needed('client'), _wit.needed('types')
            name = required_text('name', self._transport)
            opened = lowered(self._given)
            with options(_changes(NOTHING, opened)) as given:
                self._raw = interface.Client.open(name, types.Target(*NOTHING[:6]), given)
            self._opened = opened
        return self._raw

    def changes(self, values: Sequence[Any]) -> tuple[tuple[str, Any], ...]:
        """The settings, of these values, that it was not opened with."""
        self.raw()
        now = tuple(values)
        if self._known is None or not _are_same(self._known, now):
            self._changes = _changes(self._opened, lowered(now))
            self._known = now
        return self._changes

    @contextlib.contextmanager
    def with_values(self, values: Sequence[Any]) -> Iterator[Any]:
        """A client of the host that has these settings, for as long as the block takes."""
        raw, changes = self.raw(), self.changes(values)
        if not changes:
            yield raw
            return
        with options(changes) as given:
            prepared = raw.prepare(given)
        with prepared:
            yield prepared


@contextlib.contextmanager
def options(changes: tuple[tuple[str, Any], ...]) -> Iterator[Any]:
    """Options of the host, given back at the end of the block; None when nothing changes."""
    if not changes:
        yield None
        return
    with _wit.needed('client').Options() as made:
        for name, value in changes:
            getattr(made, f'set_{name}')(value)
        yield made


def _changes(old: Sequence[Any], new: Sequence[Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((name, value) for name, value, before in zip(NAMES, new, old, strict=True)
                 if value != before)


def _are_same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    # Equal values of another type, such as `True` and 1, are not the same to a check of types.
    return all(a is b or (type(a) is type(b) and isinstance(a, (str, int, float)) and a == b)
               for a, b in zip(one, other, strict=True))
