"""Messages as the host takes them: JSON text."""

import json
from typing import Any

from .exceptions import InvalidArgument, InvalidReply
from .primitive import to_primitive
from .serializer import Serializer


def encode(serializer: Serializer, ctxt: Any, args: dict[str, Any]) -> tuple[str, str]:
    """The texts of a context and of arguments.

    :raises InvalidArgument: naming the argument that has no JSON form
    """
    context = serializer.serialize_context(ctxt)
    entities = {name: serializer.serialize_entity(ctxt, value) for name, value in args.items()}
    try:
        # All at once, which is fast; only a failure asks which of them it was.
        sent = _text(entities)
    except (TypeError, ValueError):
        for name, value in entities.items():
            _named(name, value)
        raise
    return '{}' if context is None else _named('ctxt', context), sent


def decode(serializer: Serializer, ctxt: Any, reply: str) -> Any:
    """The result that a reply's text holds.

    :raises InvalidReply: when the serializer cannot make an object of it
    """
    value = json.loads(reply)
    try:
        return serializer.deserialize_entity(ctxt, value)
    except Exception as error:
        raise InvalidReply(
            f'the reply does not fit {type(serializer).__name__}: '
            f'{type(error).__name__}: {error}; it is {_short(reply)}') from error


def _named(name: str, value: Any) -> str:
    try:
        return _text(value)
    except (TypeError, ValueError) as error:
        raise InvalidArgument(name, f'`{name}` cannot be sent as JSON: {error}') from error


def _text(value: Any) -> str:
    return json.dumps(value, default=to_primitive, allow_nan=False)


def _short(text: str) -> str:
    return text if len(text) <= 200 else f'{text[:200]}...'
