"""The same client with `async` methods, for many calls in flight.

For a plugin whose `main` is an `async def`::

    import asyncio
    from oslo_messaging_guest import Target, aio, get_rpc_transport

    async def main(arguments):
        client = aio.get_rpc_client(get_rpc_transport(), Target(topic='compute'))
        hosts = [client.prepare(server=name) for name in ('host-1', 'host-2')]
        print(await asyncio.gather(*(host.call({}, 'free_memory') for host in hosts)))
"""

from typing import Any

from .client import remaining
from .context import CallContext
from .serializer import Serializer
from .target import Target
from .transport import RPCTransport, TransportOptions

__all__ = ['RPCClient', 'get_rpc_client', 'remaining']


class RPCClient(CallContext):
    """Calls methods of oslo.messaging servers, many at the same time."""

    _surface = 'rpc_client_async'

    def __init__(self, transport: RPCTransport, target: Target, timeout: float | None = None,
                 version_cap: str | None = None, serializer: Serializer | None = None,
                 retry: int | None = None, call_monitor_timeout: float | None = None,
                 transport_options: TransportOptions | None = None,
                 _manual_load: bool = True) -> None:
        """As `oslo_messaging_guest.RPCClient`."""
        self._open(transport, target, serializer, {
            'timeout': timeout, 'version_cap': version_cap, 'retry': retry,
            'call_monitor_timeout': call_monitor_timeout,
            'transport_options': transport_options})

    async def call(self, ctxt: Any, method: str, **kwargs: Any) -> Any:
        """Calls a method and returns its result; see `oslo_messaging_guest.RPCClient.call`."""
        self._refuse_fanout()
        context, args = self._encode(ctxt, kwargs)
        with self._errors():
            reply = await self._raw.call(context, method, args)
        return self._decode(ctxt, reply)

    async def cast(self, ctxt: Any, method: str, **kwargs: Any) -> None:
        """Casts; see `oslo_messaging_guest.RPCClient.cast`."""
        context, args = self._encode(ctxt, kwargs)
        with self._errors():
            await self._raw.cast(context, method, args)


def get_rpc_client(transport: RPCTransport, target: Target,
                   client_cls: type[RPCClient] = RPCClient, **kwargs: Any) -> RPCClient:
    """A client; the arguments are those of `RPCClient`."""
    return client_cls(transport, target, _manual_load=False, **kwargs)
