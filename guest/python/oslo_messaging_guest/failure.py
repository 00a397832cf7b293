"""An exception of a method as its caller gets it: upstream's serialized failure."""

import json
import sys
import traceback
from dataclasses import dataclass
from typing import Any, Self

from . import exceptions
from .primitive import to_primitive
from .remote import NoSuchMethod, RemoteError, UnsupportedVersion

_REMOTE = '_Remote'


@dataclass(frozen=True)
class Failure:
    """What goes to the caller; `args` and `kwargs` are JSON."""

    type_name: str
    type_module: str
    message: str
    args: str
    kwargs: str
    traceback: list[str]

    @classmethod
    def of(cls, failure: BaseException) -> Self:
        """Of an exception that was raised."""
        module, name = _known_as(type(failure))
        kwargs = getattr(failure, 'kwargs', {})
        traced = lines(failure)
        return cls(_utf8(name), _utf8(module), _utf8(str(failure)), _json(list(failure.args)),
                   _json(kwargs if isinstance(kwargs, dict) else {}), [_utf8(it) for it in traced])


def lines(failure: BaseException) -> list[str]:
    """The traceback, without the marks below its lines: to find out where they belong Python compiles
    a line alone, and reads a file for the message when it does not compile, which traps in a plugin.
    """
    whole = traceback.TracebackException.from_exception(failure)
    waiting: list[traceback.TracebackException | None] = [whole]
    while waiting:
        one = waiting.pop()
        if one is not None:
            one.stack = traceback.StackSummary.from_list(
                [(it.filename, it.lineno or 0, it.name, it.line) for it in one.stack])
            waiting += [one.__cause__, one.__context__, *(one.exceptions or ())]
    return list(whole.format())


def report(what: str, failure: BaseException) -> None:
    """Prints it on standard error, where nobody waits for it."""
    print(what, ''.join(lines(failure)), file=sys.stderr, sep='\n', end='')


def _known_as(kind: type[BaseException]) -> tuple[str, str]:
    """Module and class as a server of the real oslo.messaging would have them."""
    module, name = kind.__module__, kind.__name__
    if module.endswith(_REMOTE) and name.endswith(_REMOTE):
        # It came from another server, and goes on as what it was there.
        return module.removesuffix(_REMOTE), name.removesuffix(_REMOTE)
    for ours, theirs in _OURS.items():
        if issubclass(kind, ours) and kind.__module__.startswith(_SDK):
            return theirs
    return module, name


_SDK = f'{__package__}.'
# The first that fits; what upstream has no name for is known as the nearest that it has.
_OURS: dict[type[BaseException], tuple[str, str]] = {
    exceptions.MessagingTimeout: ('oslo_messaging.exceptions', 'MessagingTimeout'),
    exceptions.MessageUndeliverable: ('oslo_messaging.exceptions', 'MessageUndeliverable'),
    exceptions.MessageDeliveryFailure: ('oslo_messaging.exceptions', 'MessageDeliveryFailure'),
    exceptions.InvalidTarget: ('oslo_messaging.exceptions', 'InvalidTarget'),
    exceptions.RPCVersionCapError: ('oslo_messaging.rpc.client', 'RPCVersionCapError'),
    exceptions.ClientSendError: ('oslo_messaging.rpc.client', 'ClientSendError'),
    RemoteError: ('oslo_messaging.rpc.client', 'RemoteError'),
    NoSuchMethod: ('oslo_messaging.rpc.dispatcher', 'NoSuchMethod'),
    UnsupportedVersion: ('oslo_messaging.rpc.dispatcher', 'UnsupportedVersion'),
    exceptions.MessagingException: ('oslo_messaging.exceptions', 'MessagingException'),
}


def _json(value: Any) -> str:
    try:
        return json.dumps(value, default=_or_text, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        # A key that is no text, `nan`, or what contains itself: the caller gets what it prints as.
        plain = {str(key): str(it) for key, it in value.items()} if isinstance(value, dict) else [
            str(it) for it in value]
        return json.dumps(plain)


def _or_text(value: Any) -> Any:
    try:
        return to_primitive(value)
    except (TypeError, ValueError, RecursionError):
        return str(value)


def _utf8(text: str) -> str:
    # A lone surrogate has no form in the component model.
    return text.encode('utf-8', 'replace').decode('utf-8')
