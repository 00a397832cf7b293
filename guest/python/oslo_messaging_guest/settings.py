"""The settings of a client and of `prepare`, in the form that the host takes."""

from typing import Any

from . import _wit
from .exceptions import InvalidArgument
from .transport import TransportOptions


class Unset:
    """The type of `UNSET`: an argument that was not given keeps what the client has."""

    def __repr__(self) -> str:
        return 'UNSET'


UNSET: Any = Unset()


def settings(exchange: Any = UNSET, topic: Any = UNSET, namespace: Any = UNSET,
             version: Any = UNSET, server: Any = UNSET, fanout: Any = UNSET,
             timeout: Any = UNSET, version_cap: Any = UNSET, retry: Any = UNSET,
             call_monitor_timeout: Any = UNSET, transport_options: Any = UNSET) -> list[Any]:
    """The settings that are given, each checked; None is given and clears.

    :raises InvalidArgument: naming the setting that is unusable
    """
    given = {
        'Exchange': _text('exchange', exchange),
        'Topic': _text('topic', topic),
        'Namespace': _text('namespace', namespace),
        'Version': _text('version', version),
        'Server': _text('server', server),
        'Fanout': fanout if fanout in (UNSET, None) else bool(fanout),
        'Timeout': _nanoseconds('timeout', timeout),
        'VersionCap': _text('version_cap', version_cap),
        'Retry': _retry(retry),
        'CallMonitorTimeout': _nanoseconds('call_monitor_timeout', call_monitor_timeout),
        'AtLeastOnce': _at_least_once(transport_options),
    }
    return [setting(name, value) for name, value in given.items() if value is not UNSET]


def setting(name: str, value: Any) -> Any:
    """One setting, by the name of its case in the bindings, such as `VersionCap`."""
    return getattr(_wit.types(), f'Setting_{name}')(value)


def _text(name: str, value: Any) -> Any:
    if value is UNSET or value is None or isinstance(value, str):
        return value
    raise InvalidArgument(name, f'`{name}` is a string or None, not {value!r}')


def _nanoseconds(name: str, value: Any) -> Any:
    if value is UNSET or value is None:
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        raise InvalidArgument(name, f'`{name}` is a number of seconds or None, not {value!r}')
    # 2**64 ns are 584 years.
    return round(min(value * 1_000_000_000, 2**64 - 1))


def _retry(value: Any) -> Any:
    if value is UNSET or value is None or value == -1:
        return None if value == -1 else value
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**32:
        raise InvalidArgument(
            'retry', f'`retry` is a number of repetitions, or None or -1 for no limit, '
            f'not {value!r}')
    return value


def _at_least_once(value: Any) -> Any:
    if value is UNSET or value is None:
        return value
    if not isinstance(value, TransportOptions):
        raise InvalidArgument(
            'transport_options', f'`transport_options` is a TransportOptions or None, '
            f'not {value!r}')
    return bool(value.at_least_once)
