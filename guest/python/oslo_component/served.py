"""The export `rpc-endpoint` of a plugin whose module has a `server`."""

from typing import Any

from componentize_py_types import Err
from oslo_messaging_guest import _wit
from oslo_messaging_guest.depth import let_go
from oslo_messaging_guest.dispatcher import Request, RPCDispatcher
from oslo_messaging_guest.failure import Failure, is_of_the_method, told
from oslo_messaging_guest.server import RPCServer
from oslo_messaging_guest.serving import ExpectedException
from oslo_messaging_guest.target import Target

from .made import Made

_BILLION = 1_000_000_000


def interface(author: Any) -> type:
    """The class of the export."""
    found = Found(author)

    class RpcEndpoint:
        """Methods that do not wait with `async`."""

        def endpoints(self) -> list[Any]:
            return found.described()

        def handle(self, request: Any) -> str:
            dispatcher, asked = found.asked(request)
            try:
                return dispatcher.run(asked)
            except BaseException as error:
                if not is_of_the_method(error):
                    raise
                failure = raised(error)
            # Nobody has it any more: the exception is gone, and with it its frames.
            let_go()
            raise Err(failure)

    return RpcEndpoint


class Found:
    """The server of a plugin."""

    def __init__(self, author: Any) -> None:
        self._made = Made(author, 'server', RPCServer, 'get_rpc_server')

    def dispatcher(self) -> RPCDispatcher:
        dispatcher: RPCDispatcher = self._made.get().dispatcher
        return dispatcher

    def described(self) -> list[Any]:
        dispatcher = self.dispatcher()
        serving = _wit.needed('serving')
        return [serving.Endpoint(it.namespace, it.legacy_namespaces, it.version, it.methods)
                for it in dispatcher.described()]

    def asked(self, request: Any) -> tuple[RPCDispatcher, Request]:
        dispatcher = self.dispatcher()
        monitor = request.call_monitor_timeout()
        target = request.served_by()
        asked = Request(
            request.endpoint(), request.method(), request.args(), request.context(),
            request.namespace(), request.version(),
            None if monitor is None else monitor / _BILLION, request.message_id(),
            Target(target.exchange, target.topic, server=target.server))
        request.__exit__(None, None, None)
        return dispatcher, asked


def raised(error: BaseException) -> Any:
    """What the host is told of an exception."""
    expected = isinstance(error, ExpectedException)
    failure = Failure.of(
        told(error.expected if isinstance(error, ExpectedException) else error))
    return _wit.needed('serving').Exception(
        failure.type_name, failure.type_module, failure.message, failure.args, failure.kwargs,
        failure.traceback, expected)
