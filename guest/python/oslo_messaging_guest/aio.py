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

from . import _wit, errors
from .aio_notifier import Notifier
from .client import _prepare
from .context import UNSET, BaseCallContext
from .host_client import HostClient, Options
from .in_flight import Refused, kept, settle
from .limits import remaining
from .options import TransportOptions
from .serializer import Serializer
from .target import Target
from .transport import RPCTransport

__all__ = ['CallContext', 'Notifier', 'RPCClient', 'get_rpc_client', 'remaining', 'settle']


class CallContext(BaseCallContext):
    """What `prepare` returns: a client's target and settings with some of them replaced."""

    def prepare(self, exchange: str | None = UNSET, topic: str | None = UNSET,
                namespace: str | None = UNSET, version: str | None = UNSET,
                server: str | None = UNSET, fanout: bool | None = UNSET,
                timeout: float | None = UNSET, version_cap: str | None = UNSET,
                retry: int | None = UNSET, call_monitor_timeout: float | None = UNSET,
                transport_options: TransportOptions | None = UNSET,
                reply_bytes: int | None = UNSET) -> 'CallContext':
        """A context with more settings replaced; see `oslo_messaging_guest.RPCClient.prepare`."""
        prepared: CallContext = _prepare(
            self, exchange, topic, namespace, version, server, fanout, timeout, version_cap, retry,
            call_monitor_timeout, transport_options, reply_bytes, CallContext)
        return prepared

    async def call(self, ctxt: Any, method: str, **kwargs: Any) -> Any:
        """Calls a method and returns its result; see `oslo_messaging_guest.RPCClient.call`.

        Cancelling it gives up waiting, and whether the method is executed is unknown then. The call
        goes on in the host until its reply or its timeout comes, which nobody hears of.
        """
        self._refuse_fanout()
        return self._decode(ctxt, await self._call(*self._encode(ctxt, method, kwargs)))

    async def cast(self, ctxt: Any, method: str, **kwargs: Any) -> None:
        """Casts; see `oslo_messaging_guest.RPCClient.cast`.

        Cancelling it gives up waiting, and leaves unknown whether it was sent.
        """
        await self._cast(*self._encode(ctxt, method, kwargs))

    async def _call(self, context: str, method: str, args: str) -> str:
        return str(await self._exchange('call', context, method, args))

    async def _cast(self, context: str, method: str, args: str) -> None:
        await self._exchange('cast', context, method, args)

    async def _exchange(self, verb: str, context: str, method: str, args: str) -> Any:
        send, host = getattr(_wit.needed('rpc_async'), verb), self._client()
        with self._errors():
            changes = host.changes(self._values())
        came = await kept(_sent(send, host, changes, context, method, args))
        if isinstance(came, Refused):
            raise errors.exception(came.error, self.target, self.transport)
        return came


class RPCClient(BaseCallContext):
    """Calls methods of oslo.messaging servers, many at the same time."""

    def __init__(self, transport: RPCTransport, target: Target, timeout: float | None = None,
                 version_cap: str | None = None, serializer: Serializer | None = None,
                 retry: int | None = None, call_monitor_timeout: float | None = None,
                 transport_options: TransportOptions | None = None,
                 _manual_load: bool = True, *, reply_bytes: int | None = None) -> None:
        """As `oslo_messaging_guest.RPCClient`."""
        super().__init__(transport, target, serializer, timeout, version_cap, retry,
                         call_monitor_timeout, transport_options, reply_bytes=reply_bytes)
        self._open('rpc_async')

    def prepare(self, exchange: str | None = UNSET, topic: str | None = UNSET,
                namespace: str | None = UNSET, version: str | None = UNSET,
                server: str | None = UNSET, fanout: bool | None = UNSET,
                timeout: float | None = UNSET, version_cap: str | None = UNSET,
                retry: int | None = UNSET, call_monitor_timeout: float | None = UNSET,
                transport_options: TransportOptions | None = UNSET,
                reply_bytes: int | None = UNSET) -> CallContext:
        """A context with some settings replaced; see `oslo_messaging_guest.RPCClient.prepare`."""
        prepared: CallContext = _prepare(
            self, exchange, topic, namespace, version, server, fanout, timeout, version_cap, retry,
            call_monitor_timeout, transport_options, reply_bytes, CallContext)
        return prepared

    def can_send_version(self, version: str | None = UNSET) -> bool:
        """Whether a message of this version fits the version cap; without one, the target's."""
        return self.prepare().can_send_version(version)

    async def call(self, ctxt: Any, method: str, **kwargs: Any) -> Any:
        """Calls a method and returns its result; see `oslo_messaging_guest.RPCClient.call`."""
        return await self.prepare().call(ctxt, method, **kwargs)

    async def cast(self, ctxt: Any, method: str, **kwargs: Any) -> None:
        """Casts; see `oslo_messaging_guest.RPCClient.cast`."""
        await self.prepare().cast(ctxt, method, **kwargs)


async def _sent(send: Any, host: HostClient, changes: Any, *texts: str) -> Any:
    # Client and options are borrowed until it has ended: both stay here for as long.
    try:
        with Options(changes) as given:
            return await send(host.raw(), *texts, given)
    except Exception as error:
        if not _wit.is_error(error):
            raise
        error.with_traceback(None)
        return Refused(getattr(error, 'value'))


def get_rpc_client(transport: RPCTransport, target: Target,
                   client_cls: type[RPCClient] = RPCClient, **kwargs: Any) -> RPCClient:
    """A client; the arguments are those of `RPCClient`."""
    return client_cls(transport, target, _manual_load=False, **kwargs)
