"""Exceptions that a server raised, as upstream gives them to the caller."""

import builtins
import sys
from collections.abc import Collection
from typing import Any

from .exceptions import Delivery, MessagingException


class RemoteError(MessagingException):
    """The method ran, or its server looked for it, and raised an exception.

    An exception of a module that the transport's `allowed_remote_exmods` names, or of Python's
    own, is rebuilt and raised as itself, with this as its cause.
    """

    delivery = Delivery.EXECUTED

    def __init__(self, exc_type: str | None = None, value: str | None = None,
                 traceback: list[str] | None = None, *, module: str = '',
                 remote_args: list[Any] | None = None,
                 remote_kwargs: dict[str, Any] | None = None) -> None:
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
        super().__init__(f'Remote error: {exc_type} {value}\n{traceback}.')


class RPCDispatcherError(MessagingException):
    """Base class of what a server raises that cannot dispatch a request."""

    delivery = Delivery.EXECUTED


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
    if module != 'builtins' and module not in allowed:
        return error
    try:
        kind = _class(module, error.exc_type or '')
        failure = kind(*error.remote_args, **error.remote_kwargs)
    except Exception:
        # Upstream does the same, and says so in its log only.
        return error
    message = f'{error.value or ""}\n' + '\n'.join(error.traceback or [])
    renamed = type(f'{kind.__name__}_Remote', (kind,), {'__str__': lambda _: message})
    renamed.__module__ = f'{module}_Remote'
    try:
        failure.__class__ = renamed
    except TypeError:
        # Python's own exceptions keep their class.
        failure.args = (message, *failure.args[1:])
    failure.__cause__ = error
    return failure


def _class(module: str, name: str) -> type[Exception]:
    kind = getattr(_modules().get(module), name)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        raise TypeError(name)
    return kind


def _modules() -> dict[str, Any]:
    # Nothing is imported because a server names it: what the plugin has not imported stays out.
    here = sys.modules[__name__]
    return {**sys.modules, 'builtins': builtins, 'oslo_messaging.rpc.dispatcher': here}
