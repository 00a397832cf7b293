"""JSON values of the objects that oslo.serialization makes JSON values of."""

import datetime
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

_SIMPLE = (str, int, float, bool, type(None))


def to_primitive(value: Any, convert_instances: bool = False) -> Any:
    """A value that JSON can carry, with everything in it.

    Dates become text as in upstream, sets and iterators lists. With `convert_instances` any other
    object becomes a dictionary of its attributes.

    :raises TypeError: for an object that has no such form; it names the class
    """
    if isinstance(value, _SIMPLE):
        return value
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else _key(key):
                to_primitive(item, convert_instances) for key, item in value.items()}
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode('utf-8')
    if isinstance(value, datetime.datetime):
        return value.strftime('%Y-%m-%dT%H:%M:%S.%f')
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (uuid.UUID, BaseException)):
        return str(value)
    if hasattr(value, 'to_dict'):
        return to_primitive(value.to_dict(), convert_instances)
    if isinstance(value, Iterable):
        return [to_primitive(item, convert_instances) for item in value]
    if convert_instances and hasattr(value, '__dict__'):
        attributes = {name: item for name, item in vars(value).items() if name[:1] != '_'}
        return to_primitive(attributes, convert_instances)
    kind = type(value)
    raise TypeError(f'an object of class {kind.__module__}.{kind.__qualname__} has no JSON form; '
                    f'give the client a serializer')


def _key(key: Any) -> str:
    # What `json` does with them.
    if key is None or isinstance(key, bool):
        return {None: 'null', True: 'true', False: 'false'}[key]
    return str(key)
