"""Checked values of settings, in the form that the host takes: a wrong type would trap there."""

from collections.abc import Iterable, Sequence
from typing import Any

from .exceptions import InvalidArgument
from .options import TransportOptions

#: The settings, by the names of the host's setters.
NAMES = ('exchange', 'topic', 'namespace', 'version', 'server', 'fanout', 'timeout', 'version_cap',
         'retry', 'call_monitor_timeout', 'mandatory', 'reply_bytes')

#: What a client has of each that nothing was said about.
NOTHING: tuple[Any, ...] = (None, None, None, None, None, False, *[None] * 6)


def lowered(values: Sequence[Any]) -> tuple[Any, ...]:
    """What the host gets for values in the order of `NAMES`.

    :raises InvalidArgument: naming the setting that is unusable
    """
    (exchange, topic, namespace, version, server, fanout, timeout, version_cap, retry,
     call_monitor_timeout, transport_options, reply_bytes) = values
    return (
        text('exchange', exchange),
        text('topic', topic),
        text('namespace', namespace),
        text('version', version),
        text('server', server),
        bool(fanout),
        nanoseconds('timeout', timeout),
        text('version_cap', version_cap),
        repetitions(retry),
        nanoseconds('call_monitor_timeout', call_monitor_timeout),
        _mandatory(transport_options),
        _natural('reply_bytes', reply_bytes, 2**64, 'a number of bytes or None'),
    )


def text(name: str, value: Any) -> str | None:
    """A text or None."""
    if value is None:
        return None
    return required_text(name, value, 'a string or None')


def required_text(name: str, value: Any, wanted: str = 'a string') -> str:
    """A text that UTF-8 can hold, which half a surrogate pair is not."""
    if not isinstance(value, str):
        raise InvalidArgument(name, f'`{name}` is {wanted}, not {_shown(value)}')
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise InvalidArgument(
                name, f'`{name}` has a surrogate without its other half at character '
                f'{error.start}, which is no text: {value!a}') from None
    return value


def texts(name: str, value: Any) -> list[str] | None:
    """A list of texts or None."""
    if value is None:
        return None
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InvalidArgument(name, f'`{name}` is a list of strings or None, not {_shown(value)}')
    return [required_text(name, it) for it in value]


def nanoseconds(name: str, value: Any) -> int | None:
    """A length of time, of seconds or None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        raise InvalidArgument(
            name, f'`{name}` is a number of seconds, not negative, or None, not {_shown(value)}')
    # 2**64 ns are 584 years.
    return round(min(value, 2**34) * 1_000_000_000)


def repetitions(value: Any) -> int | None:
    """The setting `retry`; None: no limit."""
    if value is None or (value == -1 and isinstance(value, int)):
        return None
    return _natural('retry', value, 2**32, 'a number of repetitions, or None or -1 for no limit')


def _natural(name: str, value: Any, end: int, wanted: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < end:
        raise InvalidArgument(name, f'`{name}` is {wanted}, not {_shown(value)}')
    return int(value)


def _mandatory(value: Any) -> bool | None:
    if value is None:
        return None
    if not isinstance(value, TransportOptions):
        raise InvalidArgument(
            'transport_options',
            f'`transport_options` is a TransportOptions or None, not {_shown(value)}')
    return bool(value.at_least_once)


def _shown(value: Any) -> str:
    try:
        return ascii(value)[:200]
    except Exception:
        # Its own `__repr__` fails.
        return f'an object of class {type(value).__qualname__}'
