"""Messages as the host takes them: JSON text."""

import json
from dataclasses import dataclass
from typing import Any

from .depth import check_text, check_value
from .exceptions import InvalidArgument, InvalidReply
from .outcome import Outcome, mark
from .primitive import to_primitive
from .serializer import Serializer
from .values import required_text


def encode(serializer: Serializer, ctxt: Any, method: str,
           args: dict[str, Any]) -> tuple[str, str, str]:
    """The texts of a context, a method's name and arguments.

    The arguments are serialized before the context, as upstream does.

    :raises InvalidArgument: naming the argument that has no JSON form
    """
    name = required_text('method', method)
    try:
        entities = {key: serializer.serialize_entity(ctxt, value) for key, value in args.items()}
        context = serializer.serialize_context(ctxt)
    except Exception as error:
        mark(error, Outcome.NOT_EXECUTED,
             f'{type(serializer).__name__} raised it, and `{name}` was not sent.')
        raise
    try:
        # All at once, which is fast; only a failure asks which of them it was.
        sent = to_text(entities)
    except Exception as error:
        for key, value in entities.items():
            _named(key, value)
        # It was an iterator, which is at its end now.
        raise InvalidArgument('args', f'the arguments cannot be sent as JSON: {error}') from error
    return _named('ctxt', _context(context)), name, sent


def encode_notification(serializer: Serializer, ctxt: Any, event_type: str,
                        payload: Any) -> 'Notified':
    """What the serializer makes of a notification. What it raises comes through.

    The payload is serialized before the context, as upstream does.
    """
    try:
        entity = serializer.serialize_entity(ctxt, payload)
        context = serializer.serialize_context(_redacted(ctxt))
    except Exception as error:
        mark(error, Outcome.NOT_EXECUTED,
             f'{type(serializer).__name__} raised it, and nobody was notified.')
        raise
    return Notified(context, event_type, entity)


@dataclass(frozen=True)
class Notified:
    """A notification that is not text yet."""

    context: Any
    event_type: Any
    entity: Any

    def texts(self) -> tuple[str, str, str]:
        """Those of the context, of the event's type and of the payload.

        :raises InvalidArgument: naming the one that has no JSON form
        """
        event_type = required_text('event_type', self.event_type)
        return _named('ctxt', _context(self.context)), event_type, _named('payload', self.entity)


def _redacted(ctxt: Any) -> Any:
    """What listeners may see of a context: nothing, unless it can say what that is, as upstream's."""
    try:
        return ctxt.redacted_copy()
    except AttributeError:
        return {}


def decode(serializer: Serializer, ctxt: Any, reply: str) -> Any:
    """The result that a reply's text holds. What the serializer raises comes through.

    :raises InvalidReply: when Python cannot read it
    """
    try:
        check_text(reply)
        value = json.loads(reply)
    except (ValueError, RecursionError, MemoryError) as error:
        raise InvalidReply(f'the reply has {len(reply)} characters and Python cannot read it: '
                           f'{type(error).__name__}: {error}') from error
    try:
        return serializer.deserialize_entity(ctxt, value)
    except Exception as error:
        mark(error, Outcome.EXECUTED,
             f'{type(serializer).__name__} raised it for the reply: the method was executed.')
        raise


def _context(context: Any) -> Any:
    """The entries of a context, whose names become part of the names of others in a message."""
    if not isinstance(context, dict) and hasattr(context, 'to_dict'):
        context = context.to_dict()
    if isinstance(context, dict):
        return {str(key): value for key, value in context.items()}
    return {} if context is None else context


def _named(name: str, value: Any) -> str:
    try:
        return to_text(value)
    except _NO_JSON as error:
        raise InvalidArgument(name, f'`{name}` cannot be sent as JSON: {error}') from error
    except Exception as error:
        mark(error, Outcome.NOT_EXECUTED, f'A value in `{name}` raised it, and nothing was sent.')
        raise


def to_text(value: Any) -> str:
    """The JSON text of a value."""
    check_value(value)
    return json.dumps(value, default=to_primitive, allow_nan=False)


# The last: nested too deeply.
_NO_JSON = (TypeError, ValueError, RecursionError)
