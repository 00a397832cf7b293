"""The client with plain methods, each of which returns when it is done."""

from collections.abc import Iterable
from typing import Any

from . import _wit, errors
from .context import CallContext
from .request import Request
from .serializer import Serializer
from .target import Target
from .transport import RPCTransport, TransportOptions


class RPCClient(CallContext):
    """Calls methods of oslo.messaging servers. Made by `get_rpc_client`.

    The host keeps the connections, so a client is cheap to make and to drop.
    """

    _surface = 'rpc_client'

    def __init__(self, transport: RPCTransport, target: Target, timeout: float | None = None,
                 version_cap: str | None = None, serializer: Serializer | None = None,
                 retry: int | None = None, call_monitor_timeout: float | None = None,
                 transport_options: TransportOptions | None = None,
                 _manual_load: bool = True) -> None:
        """The settings are the client's defaults; see `prepare`.

        :raises AccessDenied: when the host granted no transport of this name
        :raises LimitExceeded: when the plugin has too many clients open
        """
        self._open(transport, target, serializer, {
            'timeout': timeout, 'version_cap': version_cap, 'retry': retry,
            'call_monitor_timeout': call_monitor_timeout,
            'transport_options': transport_options})

    def call(self, ctxt: Any, method: str, **kwargs: Any) -> Any:
        """Calls a method and returns its result. It is executed at most once.

        :param ctxt: a dictionary that the method gets beside its arguments
        :raises MessagingTimeout: when time was up
        :raises NoSuchTarget: when nobody is there
        :raises MessageDeliveryFailure: when it could not be sent
        :raises RemoteError: when the method raised; Python's own exceptions are raised as
                             themselves, with a RemoteError as cause
        """
        self._refuse_fanout()
        context, args = self._encode(ctxt, kwargs)
        with self._errors():
            reply = self._raw.call(context, method, args)
        return self._decode(ctxt, reply)

    def cast(self, ctxt: Any, method: str, **kwargs: Any) -> None:
        """Asks for a method to be executed, and returns when the broker has the message.

        With a fanout target every server of the topic gets it.
        """
        context, args = self._encode(ctxt, kwargs)
        with self._errors():
            self._raw.cast(context, method, args)

    def request(self, ctxt: Any, method: str, **kwargs: Any) -> Request:
        """One message for `call_all`."""
        self._refuse_fanout()
        context, args = self._encode(ctxt, kwargs)
        return Request(self._origin, self._prepared, ctxt, method, context, args)

    def call_all(self, requests: Iterable[Request], return_exceptions: bool = False) -> list[Any]:
        """Makes many calls at the same time, and returns their results when the last has ended.

        As with `asyncio.gather`, the first failure is raised, or stands among the results with
        `return_exceptions`. It does not touch the other calls.
        """
        requests = list(requests)
        if any(request.origin is not self._origin for request in requests):
            raise ValueError('a request goes through the client that it was made with')
        record = _wit.client(self._surface).Request
        results = self._raw.call_all([
            record(list(it.settings), it.context, it.method, it.args) for it in requests])
        outcomes = [self._outcome(*pair) for pair in zip(requests, results, strict=True)]
        failed = next((it for it in outcomes if isinstance(it, Failure)), None)
        if failed is None or return_exceptions:
            return [it.error if isinstance(it, Failure) else it for it in outcomes]
        try:
            raise failed.error
        finally:
            # A traceback holds this frame, and must not hold the exception through it.
            del failed, outcomes

    def _outcome(self, request: Request, result: Any) -> Any:
        # `Ok` or `Err` of the bindings.
        if type(result).__name__ == 'Err':
            return Failure(errors.exception(
                result.value, self.target, self.transport.allowed_remote_exmods))
        try:
            return self._decode(request.ctxt, result.value)
        except Exception as error:
            return Failure(error)


class Failure:
    """An exception among results."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def get_rpc_client(transport: RPCTransport, target: Target,
                   client_cls: type[RPCClient] = RPCClient, **kwargs: Any) -> RPCClient:
    """A client; the arguments are those of `RPCClient`."""
    return client_cls(transport, target, _manual_load=False, **kwargs)


def remaining() -> float | None:
    """The seconds left of the time that the host gave to this run of the plugin; None: no limit.

    A call never takes longer than this, whatever its timeout says.
    """
    surface = 'rpc_client' if _wit.optional('rpc_client') else 'rpc_client_async'
    left = _wit.client(surface).remaining()
    return None if left is None else left / 1_000_000_000
