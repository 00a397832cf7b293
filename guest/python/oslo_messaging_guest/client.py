"""The client with plain methods, each of which returns when it is done."""

from collections.abc import Iterable
from typing import Any

from . import _wit, at_once
from .context import UNSET, BaseCallContext
from .options import TransportOptions
from .request import Request
from .serializer import Serializer
from .target import Target
from .transport import RPCTransport


class CallContext(BaseCallContext):
    """What `prepare` returns: a client's target and settings with some of them replaced."""

    def prepare(self, exchange: str | None = UNSET, topic: str | None = UNSET,
                namespace: str | None = UNSET, version: str | None = UNSET,
                server: str | None = UNSET, fanout: bool | None = UNSET,
                timeout: float | None = UNSET, version_cap: str | None = UNSET,
                retry: int | None = UNSET, call_monitor_timeout: float | None = UNSET,
                transport_options: TransportOptions | None = UNSET,
                reply_bytes: int | None = UNSET) -> 'CallContext':
        """A context with more settings replaced; see `RPCClient.prepare`."""
        prepared: CallContext = _prepare(
            self, exchange, topic, namespace, version, server, fanout, timeout, version_cap, retry,
            call_monitor_timeout, transport_options, reply_bytes)
        return prepared

    def call(self, ctxt: Any, method: str, **kwargs: Any) -> Any:
        """Calls a method and returns its result; see `RPCClient.call`."""
        self._refuse_fanout()
        return self._decode(ctxt, self._call(*self._encode(ctxt, method, kwargs)))

    def cast(self, ctxt: Any, method: str, **kwargs: Any) -> None:
        """Casts; see `RPCClient.cast`."""
        self._cast(*self._encode(ctxt, method, kwargs))

    def request(self, ctxt: Any, method: str, **kwargs: Any) -> Request:
        """One message for `call_all`, with the settings that hold now."""
        self._refuse_fanout()
        return Request(self, self._values(), ctxt, *self._encode(ctxt, method, kwargs))

    def call_all(self, requests: Iterable[Request], return_exceptions: bool = False) -> list[Any]:
        """Makes many calls at the same time; see `RPCClient.call_all`."""
        return at_once.call_all(requests, return_exceptions)

    def _call(self, context: str, method: str, args: str) -> str:
        interface = _wit.needed('rpc')
        with self._errors(), self._options() as given:
            return str(interface.call(self._client().raw(), context, method, args, given))

    def _cast(self, context: str, method: str, args: str) -> None:
        interface = _wit.needed('rpc')
        with self._errors(), self._options() as given:
            interface.cast(self._client().raw(), context, method, args, given)


class RPCClient(BaseCallContext):
    """Calls methods of oslo.messaging servers. Made by `get_rpc_client`.

    The host keeps the connections, so a client is cheap to make and to drop.
    """

    def __init__(self, transport: RPCTransport, target: Target, timeout: float | None = None,
                 version_cap: str | None = None, serializer: Serializer | None = None,
                 retry: int | None = None, call_monitor_timeout: float | None = None,
                 transport_options: TransportOptions | None = None,
                 _manual_load: bool = True, *, reply_bytes: int | None = None) -> None:
        """The settings are the client's defaults; see `prepare`.

        A client that is made while the plugin is built is opened when it is first used.

        :raises AccessDenied: when the host granted no transport of this name
        :raises InvalidArgument: when the target or a setting is unusable
        :raises LimitExceeded: when the plugin has too many clients open
        """
        super().__init__(transport, target, serializer, timeout, version_cap, retry,
                         call_monitor_timeout, transport_options, reply_bytes=reply_bytes)
        self._open('rpc')

    def prepare(self, exchange: str | None = UNSET, topic: str | None = UNSET,
                namespace: str | None = UNSET, version: str | None = UNSET,
                server: str | None = UNSET, fanout: bool | None = UNSET,
                timeout: float | None = UNSET, version_cap: str | None = UNSET,
                retry: int | None = UNSET, call_monitor_timeout: float | None = UNSET,
                transport_options: TransportOptions | None = UNSET,
                reply_bytes: int | None = UNSET) -> CallContext:
        """A context with some settings replaced; this client stays as it is.

        :param timeout: seconds that a call or cast may take in all; the host may make it shorter
        :param version_cap: the highest version that may be sent
        :param retry: how often a failed attempt to connect is repeated; None or -1: until the
                      timeout
        :param call_monitor_timeout: seconds without a sign of life that end a call, at least 2
        :param reply_bytes: the largest reply that there is room for; None: the host's limit
        :raises MessagingException: when a setting is unusable
        """
        prepared: CallContext = _prepare(
            self, exchange, topic, namespace, version, server, fanout, timeout, version_cap, retry,
            call_monitor_timeout, transport_options, reply_bytes)
        return prepared

    def call(self, ctxt: Any, method: str, **kwargs: Any) -> Any:
        """Calls a method and returns its result. It is executed at most once.

        :param ctxt: a dictionary that the method gets beside its arguments
        :raises MessagingTimeout: when time was up
        :raises NoSuchTarget: when nobody is there
        :raises MessageDeliveryFailure: when it could not be sent
        :raises RemoteError: when the method raised; Python's own exceptions are raised as
                             themselves, with a RemoteError as cause
        """
        return self.prepare().call(ctxt, method, **kwargs)

    def cast(self, ctxt: Any, method: str, **kwargs: Any) -> None:
        """Asks for a method to be executed, and returns when the broker has the message.

        With a fanout target every server of the topic gets it.
        """
        self.prepare().cast(ctxt, method, **kwargs)

    def can_send_version(self, version: str | None = UNSET) -> bool:
        """Whether a message of this version fits the version cap; without one, the target's."""
        return self.prepare().can_send_version(version)

    def request(self, ctxt: Any, method: str, **kwargs: Any) -> Request:
        """One message for `call_all`, with the settings that hold now."""
        return self.prepare().request(ctxt, method, **kwargs)

    def call_all(self, requests: Iterable[Request], return_exceptions: bool = False) -> list[Any]:
        """Makes many calls at the same time, and returns their results when the last has ended.

        Each goes the way of the client that it was made with, this one or any other. As with
        `asyncio.gather`, the first failure is raised, or stands among the results with
        `return_exceptions`. It does not touch the other calls.
        """
        return at_once.call_all(requests, return_exceptions)


def _prepare(context: BaseCallContext, exchange: Any, topic: Any, namespace: Any, version: Any,
             server: Any, fanout: Any, timeout: Any, version_cap: Any, retry: Any,
             call_monitor_timeout: Any, transport_options: Any, reply_bytes: Any,
             kind: Any = CallContext) -> Any:
    return context._prepared(
        kind,
        {'exchange': exchange, 'topic': topic, 'namespace': namespace, 'version': version,
         'server': server, 'fanout': fanout},
        {'timeout': timeout, 'version_cap': version_cap, 'retry': retry,
         'call_monitor_timeout': call_monitor_timeout, 'transport_options': transport_options,
         'reply_bytes': reply_bytes})


def get_rpc_client(transport: RPCTransport, target: Target,
                   client_cls: type[RPCClient] = RPCClient, **kwargs: Any) -> RPCClient:
    """A client; the arguments are those of `RPCClient`."""
    return client_cls(transport, target, _manual_load=False, **kwargs)
