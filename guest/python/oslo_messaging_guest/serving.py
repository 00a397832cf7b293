"""What endpoints are decorated with, and what says which of their methods may be called."""

import abc
import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any

from .exceptions import MessagingException
from .remote import MessagingServerError

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

    @property
    def expected(self) -> BaseException:
        """The exception itself."""
        return self.exc_info[1] or self


def expected_exceptions(*exceptions: type[BaseException]) -> Callable[[Any], Any]:
    """A decorator for methods of endpoints that raise these as a matter of course."""
    def outer(function: Any) -> Any:
        @functools.wraps(function)
        def inner(*args: Any, **kwargs: Any) -> Any:
            try:
                return function(*args, **kwargs)
            except exceptions:
                raise ExpectedException() from None

        @functools.wraps(function)
        async def inner_async(*args: Any, **kwargs: Any) -> Any:
            try:
                return await function(*args, **kwargs)
            except exceptions:
                raise ExpectedException() from None

        return inner_async if inspect.iscoroutinefunction(function) else inner

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
