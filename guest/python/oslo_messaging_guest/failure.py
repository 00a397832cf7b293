"""An exception of a method as its caller gets it: upstream's serialized failure."""

import json
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from . import exceptions
from .depth import check_value
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
        """Of an exception that was raised. What it says of itself by code that fails is left out: who
        called gets an exception in any case.
        """
        module, name = _or(('builtins', 'Exception'), lambda: _known_as(type(failure)))
        args = _or([], lambda: list(failure.args))
        kwargs = _or({}, lambda: getattr(failure, 'kwargs', {}))
        return cls(_utf8(name), _utf8(module), _utf8(_printed(failure)), _json(args),
                   _json(kwargs if isinstance(kwargs, dict) else {}),
                   [_utf8(it) for it in lines(failure)])


def is_of_the_method(error: BaseException) -> bool:
    """Whether a method ended with it: not what stops the program around it, or closes a coroutine."""
    return not isinstance(error, (KeyboardInterrupt, GeneratorExit))


def told(error: BaseException) -> BaseException:
    """What is told of an exception that a method ended with. One that would end a program, such as
    that of `sys.exit`, ends no server, and no caller should raise it again.
    """
    if isinstance(error, Exception):
        return error
    failure = RuntimeError(f'{type(error).__name__}: {_printed(error)}')
    failure.__cause__ = error
    return failure


def lines(failure: BaseException) -> list[str]:
    """The traceback, without the marks below its lines: to find out where they belong Python compiles
    a line alone, and reads a file for the message when it does not compile, which traps in a plugin.
    """
    short = ['Traceback (most recent call last):\n',
             *_without_marks(traceback.extract_tb(failure.__traceback__)).format(),
             f'{type(failure).__name__}: {_printed(failure)}\n']
    # One of those that belong to it would be printed to its last level.
    is_deep = any(_is_deep(it) for it in _chain(failure))
    return short if is_deep else _or(short, lambda: _whole(failure))


def _whole(failure: BaseException) -> list[str]:
    whole = traceback.TracebackException.from_exception(failure)
    waiting: list[traceback.TracebackException | None] = [whole]
    while waiting:
        one = waiting.pop()
        if one is not None:
            one.stack = _without_marks(one.stack)
            waiting += [one.__cause__, one.__context__, *(one.exceptions or ())]
    return list(whole.format())


def _without_marks(stack: traceback.StackSummary) -> traceback.StackSummary:
    return traceback.StackSummary.from_list(
        [(it.filename, it.lineno or 0, it.name, it.line) for it in stack])


def report(what: str, failure: BaseException) -> None:
    """Prints it on standard error, where nobody waits for it."""
    try:
        print(what, ''.join(lines(failure)), file=sys.stderr, sep='\n', end='')
    except OSError:
        # The host takes no more of it, which is nobody's failure here.
        return


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
    if isinstance(value, dict):
        # Not its own `items`, which may fail.
        entries = [f'{json.dumps(_printed(key))}: {_part(it)}' for key, it in dict.items(value)]
        return f'{{{", ".join(entries)}}}'
    return f'[{", ".join(map(_part, value))}]'


def _part(value: Any) -> str:
    try:
        check_value(value)
        return json.dumps(value, default=_or_text, allow_nan=False)
    except Exception:
        # A key that is no text, `nan`, what contains itself, or code of its own that fails: the caller
        # gets what it prints as.
        return json.dumps(_printed(value))


def _or_text(value: Any) -> Any:
    try:
        return to_primitive(value)
    except RecursionError:
        return _too_deep(value)
    except Exception:
        return _printed(value)


def _printed(value: Any) -> str:
    """What it prints as, or its class where that has no end or fails."""
    if _is_deep(value):
        return _too_deep(value)
    return str(_or(f'<{type(value).__name__} that cannot be printed>', lambda: str(value)))


def _too_deep(value: Any) -> str:
    return f'<{type(value).__name__} that is nested too deeply>'


def _is_deep(value: Any) -> bool:
    def is_refused() -> bool:
        try:
            check_value(list(value.args) if isinstance(value, BaseException) else value)
        except RecursionError:
            return True
        return False

    return bool(_or(False, is_refused))


def _chain(failure: BaseException) -> Iterator[BaseException]:
    """An exception with those that its traceback shows as well."""
    known: set[int] = set()
    waiting: list[BaseException | None] = [failure]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in known:
            continue
        known.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions


def _or(otherwise: Any, code: Callable[[], Any]) -> Any:
    """What code of an author's exception gives, or something else where it fails."""
    try:
        return code()
    except BaseException as error:
        if not is_of_the_method(error):
            raise
        return otherwise


def _utf8(text: str) -> str:
    # A lone surrogate has no form in the component model.
    return str.encode(text, 'utf-8', 'replace').decode('utf-8')
