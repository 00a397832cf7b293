"""Exceptions that a server raised, as upstream gives them to the caller."""

import builtins
import importlib
import sys
from collections.abc import Collection
from typing import Any

from . import exceptions
from .exceptions import MessagingException
from .outcome import Outcome, mark


class RemoteError(MessagingException):
    """The method ran, or its server looked for it, and raised an exception.

    An exception of a module that the transport's `allowed_remote_exmods` names, or of Python's
    own, is rebuilt and raised as itself, with this as its cause.
    """

    outcome = Outcome.EXECUTED

    def __init__(self, exc_type: str | None = None, value: str | None = None,
                 traceback: list[str] | None = None, *, module: str = '',
                 remote_args: list[Any] | None = None,
                 remote_kwargs: dict[str, Any] | None = None, is_whole: bool = True) -> None:
        #: The class, such as `ValueError`.
        self.exc_type = exc_type
        #: What the exception prints as.
        self.value = value
        #: The remote traceback; empty unless the host grants it.
        self.traceback = traceback
        #: The module of the class, such as `builtins`.
        self.module = module
        #: The exception's `args`.
        self.remote_args = remote_args or []
        #: The exception's `kwargs`, empty when it has none.
        self.remote_kwargs = remote_kwargs or {}
        #: Whether these two could be read; if not, the first of `remote_args` is the text that came.
        self.is_whole = is_whole
        super().__init__(f'Remote error: {exc_type} {value}\n{traceback}.')


class MessagingServerError(MessagingException):
    """Base class of what upstream's servers raise."""


class RPCDispatcherError(MessagingServerError):
    """Base class of what a server raises that cannot dispatch a request."""

    outcome = Outcome.EXECUTED


class NoSuchMethod(RPCDispatcherError, AttributeError):
    """The server has no such method.

    Raised as itself where `allowed_remote_exmods` has `oslo_messaging.rpc.dispatcher`.
    """

    def __init__(self, method: str) -> None:
        super().__init__(f'Endpoint does not support RPC method {method}')
        self.method = method


class UnsupportedVersion(RPCDispatcherError):
    """The server does not have this version or namespace."""

    def __init__(self, version: str, method: str | None = None) -> None:
        message = f'Endpoint does not support RPC version {version}'
        if method:
            message = f'{message}. Attempted method: {method}'
        super().__init__(message)
        self.version = version
        self.method = method


def rebuild(error: RemoteError, allowed: Collection[str]) -> Exception:
    """The exception to raise for a remote one: its own class where that is allowed and works."""
    module = 'builtins' if error.module == 'exceptions' else error.module
    if not error.is_whole or (module != 'builtins' and module not in allowed):
        return error
    try:
        failure = _rebuilt(error, _class(module, error.exc_type or ''), module)
    except Exception:
        # Upstream does the same, and says so in its log only.
        return error
    failure.__cause__ = error
    mark(failure, Outcome.EXECUTED)
    return failure


def _rebuilt(error: RemoteError, kind: type[Exception], module: str) -> Exception:
    failure = kind(*error.remote_args, **error.remote_kwargs)
    message = f'{error.value or ""}\n' + '\n'.join(error.traceback or [])
    renamed = type(f'{kind.__name__}_Remote', (kind,), {
        '__str__': lambda _: message, '__module__': f'{module}_Remote'})
    try:
        failure.__class__ = renamed
    except TypeError:
        # Python's own exceptions keep their class.
        failure.args = (message, *failure.args[1:])
    return failure


def _class(module: str, name: str) -> type[Exception]:
    kind = getattr(_module(module), name)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        raise TypeError(name)
    return kind


def _module(name: str) -> Any:
    ours = {'builtins': builtins, 'oslo_messaging.exceptions': exceptions,
            'oslo_messaging.rpc.client': sys.modules[__name__],
            'oslo_messaging.rpc.dispatcher': sys.modules[__name__]}
    # The plugin allowed it by name; a server cannot have anything else imported.
    return ours.get(name) or importlib.import_module(name)
