"""Upstream's names for servers, which modules of services use while they are imported.

Decorators and access policies do what upstream's do. A server cannot be made in a plugin.
"""

import abc
import functools
import sys
from collections.abc import Callable
from typing import Any

from .exceptions import MessagingException, NotInPlugin
from .remote import MessagingServerError

_NO_SERVERS = ('a plugin calls and casts, and cannot serve: the endpoints belong into a service of '
               'its own')


class ExecutorLoadFailure(MessagingServerError):
    """Upstream's, for handlers that name it."""

    def __init__(self, executor: str, ex: Any) -> None:
        super().__init__(f'Failed to load executor "{executor}": {ex}')
        self.executor = executor
        self.ex = ex


class ServerListenError(MessagingServerError):
    """Upstream's, for handlers that name it."""

    def __init__(self, target: Any, ex: Any) -> None:
        super().__init__(f'Failed to listen on target "{target}": {ex}')
        self.target = target
        self.ex = ex


class TaskTimeout(MessagingServerError):
    """Upstream's, for handlers that name it."""


class DriverLoadFailure(MessagingException):
    """Upstream's, for handlers that name it."""

    def __init__(self, driver: str, ex: Any) -> None:
        super().__init__(f'Failed to load transport driver "{driver}": {ex}')
        self.driver = driver
        self.ex = ex


class ExpectedException(Exception):
    """What `expected_exceptions` raises in the place of an exception; `exc_info` has that."""

    def __init__(self) -> None:
        self.exc_info = sys.exc_info()


def expected_exceptions(*exceptions: type[BaseException]) -> Callable[[Any], Any]:
    """A decorator for methods of endpoints that raise these as a matter of course."""
    def outer(function: Any) -> Any:
        @functools.wraps(function)
        def inner(*args: Any, **kwargs: Any) -> Any:
            try:
                return function(*args, **kwargs)
            except exceptions:
                raise ExpectedException() from None

        return inner

    return outer


def expose(func: Any) -> Any:
    """A decorator for methods of endpoints that `ExplicitRPCAccessPolicy` lets clients call."""
    func.exposed = True
    return func


class RPCAccessPolicyBase(abc.ABC):
    """Says which methods of endpoints may be called."""

    @abc.abstractmethod
    def is_allowed(self, endpoint: Any, method: str) -> bool:
        """Whether this one may be."""


class LegacyRPCAccessPolicy(RPCAccessPolicyBase):
    """All of them."""

    def is_allowed(self, endpoint: Any, method: str) -> bool:
        return True


class DefaultRPCAccessPolicy(RPCAccessPolicyBase):
    """Those whose names do not begin with `_`."""

    def is_allowed(self, endpoint: Any, method: str) -> bool:
        return not method.startswith('_')


class ExplicitRPCAccessPolicy(RPCAccessPolicyBase):
    """Those that `expose` decorates."""

    def is_allowed(self, endpoint: Any, method: str) -> bool:
        return hasattr(getattr(endpoint, method, None), 'exposed')


class _InServices:
    """A class to derive from and to name; there are no objects of it in a plugin."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotInPlugin(f'{type(self).__name__}: {_NO_SERVERS}')


class DispatcherBase(_InServices):
    """Base class of dispatchers."""


class RPCDispatcher(DispatcherBase):
    """Calls the methods of endpoints."""


class MessageHandlingServer(_InServices):
    """Base class of servers."""


class RPCServer(MessageHandlingServer):
    """Serves endpoints."""


def get_rpc_server(transport: Any, target: Any, endpoints: Any, executor: Any = None,
                   serializer: Any = None, access_policy: Any = None,
                   server_cls: Any = RPCServer) -> Any:
    """Upstream's way to a server.

    :raises NotInPlugin: always
    """
    raise NotInPlugin(f'get_rpc_server: {_NO_SERVERS}')
