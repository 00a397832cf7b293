"""The export `rpc-endpoint-async` of a plugin whose module has a `server`."""

from collections.abc import Coroutine
from typing import Any

from componentize_py_types import Err
from oslo_messaging_guest.depth import let_go
from oslo_messaging_guest.dispatcher import Request, RPCDispatcher
from oslo_messaging_guest.failure import is_of_the_method

from .awaited import whole
from .served import Found, raised


def interface(author: Any) -> type:
    """The class of the export."""
    found = Found(author)

    class RpcEndpointAsync:
        """Methods of which some are `async def`."""

        def endpoints(self) -> list[Any]:
            return found.described()

        def handle(self, request: Any) -> Coroutine[Any, Any, str]:
            # Not in the coroutine: what runs it needs the start, too.
            return whole(_handle(*found.asked(request)))

    return RpcEndpointAsync


async def _handle(dispatcher: RPCDispatcher, asked: Request) -> str:
    try:
        return await dispatcher.run_async(asked)
    except BaseException as error:
        if not is_of_the_method(error):
            raise
        failure = raised(error)
    let_go()
    raise Err(failure)
