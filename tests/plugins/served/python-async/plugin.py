"""The same endpoints, one of whose methods waits with `async`."""

import asyncio
from typing import Any

import oslo_messaging

import failing
import served_endpoints
from oslo_messaging_guest import aio, current_request


class Endpoint(failing.Endpoint):
    """The methods of the unnamed namespace."""

    async def relay(self, ctxt: dict[str, Any], topic: str, name: str,
                    args: dict[str, Any]) -> Any:
        """Calls on behalf of its caller."""
        client = aio.get_rpc_client(self._transport, oslo_messaging.Target(topic=topic))
        return await client.call(ctxt, name, **args)

    async def gives_up(self, ctxt: dict[str, Any], topic: str, seconds: float) -> str:
        """Waits for a call no longer than until it is on its way."""
        client = aio.get_rpc_client(self._transport, oslo_messaging.Target(topic=topic))
        call = asyncio.ensure_future(client.call(ctxt, 'sleep', seconds=seconds))
        await asyncio.sleep(0)
        call.cancel()
        return 'it was cancelled' if call.cancelling() else 'it has ended'

    async def awaits_cancelled(self, ctxt: dict[str, Any]) -> None:
        """Waits for what was given up."""
        task = asyncio.ensure_future(asyncio.sleep(0))
        task.cancel()
        await task

    async def beside(self, ctxt: dict[str, Any], topic: str, names: list[str]) -> list[Any]:
        """Calls that are in flight at the same time."""
        client = aio.get_rpc_client(self._transport, oslo_messaging.Target(topic=topic))
        return await asyncio.gather(
            *(client.call(ctxt, name, seconds=0.5) for name in names))


def server() -> oslo_messaging.rpc.server.RPCServer:
    """What the host serves."""
    transport = oslo_messaging.get_rpc_transport(None)
    endpoints = [Endpoint(transport, lambda: current_request().served_by.server),
                 served_endpoints.Named(), served_endpoints.Second()]
    return oslo_messaging.get_rpc_server(transport, oslo_messaging.Target(), endpoints)
