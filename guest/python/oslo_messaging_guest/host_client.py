"""The host's client behind a client of this package and everything that was prepared from it."""

from collections.abc import Sequence
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
            with Options(_changes(NOTHING, opened)) as given:
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

    def with_values(self, values: Sequence[Any]) -> 'Prepared':
        """A client of the host that has these settings, for as long as the block takes."""
        return Prepared(self, values)


class Options:
    """Options of the host, given back at the end of the block; None when nothing changes."""

    def __init__(self, changes: tuple[tuple[str, Any], ...]) -> None:
        self._changes = changes
        self._made: Any = None

    def __enter__(self) -> Any:
        if self._changes:
            self._made = _wit.needed('client').Options()
            for name, value in self._changes:
                getattr(self._made, f'set_{name}')(value)
        return self._made

    def __exit__(self, *_: object) -> None:
        if self._made is not None:
            self._made.__exit__(None, None, None)
            self._made = None


class Prepared:
    """A client of the host with other settings, given back at the end of the block."""

    def __init__(self, host: HostClient, values: Sequence[Any]) -> None:
        self._host = host
        self._values = values
        self._made: Any = None

    def __enter__(self) -> Any:
        raw, changes = self._host.raw(), self._host.changes(self._values)
        if not changes:
            return raw
        with Options(changes) as given:
            self._made = raw.prepare(given)
        return self._made

    def __exit__(self, *_: object) -> None:
        if self._made is not None:
            self._made.__exit__(None, None, None)
            self._made = None


def _changes(old: Sequence[Any], new: Sequence[Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((name, value) for name, value, before in zip(NAMES, new, old, strict=True)
                 if value != before)


def _are_same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    # Equal values of another type, such as `True` and 1, are not the same to a check of types.
    return all(a is b or (type(a) is type(b) and isinstance(a, (str, int, float)) and a == b)
               for a, b in zip(one, other, strict=True))
