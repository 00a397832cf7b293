"""JSON values of objects: those that oslo.serialization's `jsonutils.to_primitive` makes.

Nothing is imported for that. Of a class whose module nobody has imported, there is no object.
"""

import datetime
import inspect
import io
import itertools
import sys
from typing import Any

from .depth import LEVELS, check_value


def to_primitive(value: Any, convert_instances: bool = False) -> Any:
    """A value that JSON can carry, with everything in it.

    Dates, addresses, decimals, UUIDs, exceptions, classes and functions become text, what has
    `items` a dictionary and other iterables lists. With `convert_instances` any other object becomes
    a dictionary of its attributes, and is cut off where that is nested four times.

    :raises ValueError: for an object that has no such form; it names the class
    :raises RecursionError: when it is nested too deeply, or contains itself
    """
    return _converted(value, convert_instances, 0, 0)


def _converted(value: Any, convert_instances: bool, opened: int, depth: int) -> Any:
    """Of a value in so many containers, of which so many were objects that were opened."""
    if isinstance(value, _SIMPLE):
        return value
    if isinstance(value, bytes):
        return value.decode()
    text = _text(value)
    if text is not None:
        return text
    if opened > _OPENED:
        return None
    if depth > LEVELS:
        raise RecursionError(f'it is nested more than {LEVELS} levels deep')

    def inner(item: Any, more: int = 0) -> Any:
        return _converted(item, convert_instances, opened + more, depth + 1)

    try:
        if isinstance(value, dict):
            return {inner(key): inner(item) for key, item in value.items()}
        if hasattr(value, 'items'):
            return inner(dict(value.items()), 1)
        if hasattr(value, '__iter__') and not isinstance(value, io.IOBase):
            return [inner(item) for item in _bounded(value)]
        if convert_instances and hasattr(value, '__dict__'):
            return inner(value.__dict__, 1)
    except TypeError:
        # It only looks like a container, or a key of it became a list.
        return str(value)
    raise ValueError(f'an object of class {_name(value)} has no JSON form; give the client a '
                     'serializer')


def _text(value: Any) -> str | None:
    """What stands for an object that is not looked into."""
    if _is(value, 'xmlrpc.client', 'DateTime'):
        value = datetime.datetime(*value.timetuple()[:6])
    if isinstance(value, datetime.datetime):
        return value.strftime('%Y-%m-%dT%H:%M:%S.%f')
    if isinstance(value, datetime.date):
        return value.strftime('%Y-%m-%d')
    if isinstance(value, Exception):
        # It prints its arguments to their last level.
        check_value(value.args)
        return repr(value)
    if any(_is(value, module, *names) for module, names in _TEXTS.items()):
        return str(value)
    # It would be counted to the end.
    if type(value) is itertools.count or any(test(value) for test in _PARTS_OF_PROGRAMS):
        return str(value)
    return None


def _is(value: Any, module: str, *names: str) -> bool:
    found = sys.modules.get(module)
    return isinstance(value, tuple(getattr(found, name) for name in names if hasattr(found, name)))


def _bounded(value: Any) -> Any:
    """Its items, unless they never end, or the memory of a plugin does before they do."""
    if hasattr(value, '__len__'):
        return value
    items = list(itertools.islice(value, _MANY + 1))
    if len(items) > _MANY:
        raise ValueError(f'an object of class {_name(value)} has more than {_MANY} items: give the '
                         'client a list of those that are to be sent, or a text')
    return items


def _name(value: Any) -> str:
    kind = type(value)
    return f'{kind.__module__}.{kind.__qualname__}'


_SIMPLE = (str, int, float, bool, type(None))
_TEXTS = {
    'uuid': ('UUID',),
    'netaddr': ('IPAddress', 'IPNetwork', 'IPRange'),
    'ipaddress': ('IPv4Address', 'IPv6Address'),
    'decimal': ('Decimal',),
}
_PARTS_OF_PROGRAMS = (
    inspect.ismodule, inspect.isclass, inspect.isroutine, inspect.isgeneratorfunction,
    inspect.isgenerator, inspect.istraceback, inspect.isframe, inspect.iscode)
# Upstream's bound for instances, which often have each other.
_OPENED = 3
# No network that a service lists has so many addresses.
_MANY = 1 << 18
