"""Servers with upstream's names. What makes one serve is the host."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from .dispatcher import RPCDispatcher
from .serializer import Serializer
from .serving import RPCAccessPolicyBase
from .target import Target

_Method = TypeVar('_Method')


def ordered(after: str | None = None,
            reset_after: str | None = None) -> Callable[[_Method], _Method]:
    """A decorator for methods of servers that upstream runs in an order; the host has one of its own."""
    return lambda method: method


class MessageHandlingServer:
    """What serves. In a plugin the host starts and stops it, so that these methods do nothing."""

    def __init__(self, transport: Any, dispatcher: Any, executor: Any = None) -> None:
        self.transport = transport
        self.conf = getattr(transport, 'conf', None)
        self.dispatcher = dispatcher
        #: Kept and not used: the host runs the methods.
        self.executor_type = executor

    def start(self, override_pool_size: int | None = None) -> None:
        """Nothing: the host has started it."""

    def stop(self) -> None:
        """Nothing: the host stops it."""

    def wait(self) -> None:
        """Nothing: the host waits."""

    def reset(self) -> None:
        """Nothing."""


class RPCServer(MessageHandlingServer):
    """Serves endpoints: give one the name `server` in plugin.py, or to a function `server` there
    that returns one.

    Topic, exchange and server name are the host's to say: those of `target` are for tests. A method
    finds out with `current_request().served_by`.
    """

    def __init__(self, transport: Any, target: Target, dispatcher: RPCDispatcher,
                 executor: Any = None) -> None:
        super().__init__(transport, dispatcher, executor)
        self.target = self._target = target


def get_rpc_server(transport: Any, target: Target, endpoints: Sequence[Any], executor: Any = None,
                   serializer: Serializer | None = None,
                   access_policy: type[RPCAccessPolicyBase] | None = None,
                   server_cls: type[RPCServer] = RPCServer) -> RPCServer:
    """A server of endpoints; the arguments are upstream's.

    :raises TypeError: for an endpoint whose `target` is no `Target`
    """
    dispatcher = RPCDispatcher(endpoints, serializer, access_policy)
    return server_cls(transport, target, dispatcher, executor)
