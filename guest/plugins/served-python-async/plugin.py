"""The same endpoints, one of whose methods waits with `async`."""

from typing import Any

import oslo_messaging

import served_endpoints
from oslo_messaging_guest import aio, current_request


class Endpoint(served_endpoints.Endpoint):
    """The methods of the unnamed namespace."""

    async def relay(self, ctxt: dict[str, Any], topic: str, name: str,
                    args: dict[str, Any]) -> Any:
        """Calls on behalf of its caller."""
        client = aio.get_rpc_client(self._transport, oslo_messaging.Target(topic=topic))
        return await client.call(ctxt, name, **args)


def server() -> oslo_messaging.rpc.server.RPCServer:
    """What the host serves."""
    transport = oslo_messaging.get_rpc_transport(None)
    endpoints = [Endpoint(transport, lambda: current_request().served_by.server),
                 served_endpoints.Named(), served_endpoints.Second()]
    return oslo_messaging.get_rpc_server(transport, oslo_messaging.Target(), endpoints)
