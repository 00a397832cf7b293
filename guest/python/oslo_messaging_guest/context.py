"""What clients with plain and with `async` methods share: everything but sending."""

from typing import Any, Self

from . import _wit, errors, message
from .exceptions import InvalidTarget
from .serializer import NoOpSerializer, Serializer
from .settings import UNSET, settings
from .target import Target
from .transport import RPCTransport, TransportOptions


class CallContext:
    """A target, settings, and the host's client for them. Made by a client or by `prepare`."""

    #: The interface that sends.
    _surface: str

    def __init__(self, transport: RPCTransport, target: Target, serializer: Serializer,
                 raw: Any) -> None:
        self.transport = transport
        self.target = target
        self.serializer = serializer
        self.timeout: float | None = None
        self.version_cap: str | None = None
        self.retry: int | None = None
        self.call_monitor_timeout: float | None = None
        self.transport_options: TransportOptions | None = None
        self._raw = raw
        # What is prepared from this has the same. Not the client itself: a client in a cycle would
        # be given back to the host only when the collector runs.
        self._origin = object()
        self._prepared: tuple[Any, ...] = ()

    @property
    def conf(self) -> Any:
        """What the transport was made with."""
        return self.transport.conf

    def can_send_version(self, version: Any = UNSET) -> bool:
        """Whether a message of this version fits the version cap; without one, the target's."""
        if version is None:
            return self.prepare(version=None).can_send_version()
        asked = None if version is UNSET else version
        with self._errors():
            return bool(self._raw.can_send_version(asked))

    def prepare(self, exchange: str | None = UNSET, topic: str | None = UNSET,
                namespace: str | None = UNSET, version: str | None = UNSET,
                server: str | None = UNSET, fanout: bool | None = UNSET,
                timeout: float | None = UNSET, version_cap: str | None = UNSET,
                retry: int | None = UNSET, call_monitor_timeout: float | None = UNSET,
                transport_options: TransportOptions | None = UNSET) -> Self:
        """A context with some settings overridden; this one stays as it is.

        :param timeout: seconds that a call or cast may take in all; the host may make it shorter
        :param version_cap: the highest version that may be sent
        :param retry: how often a failed attempt to connect is repeated; None or -1: until the
                      timeout
        :param call_monitor_timeout: seconds without a sign of life that end a call, at least 2
        :raises MessagingException: when a setting is unusable
        """
        target = {name: value for name, value in {
            'exchange': exchange, 'topic': topic, 'namespace': namespace, 'version': version,
            'server': server, 'fanout': fanout}.items() if value is not UNSET}
        others = {name: value for name, value in {
            'timeout': timeout, 'version_cap': version_cap, 'retry': retry,
            'call_monitor_timeout': call_monitor_timeout,
            'transport_options': transport_options}.items() if value is not UNSET}
        return self._prepare(settings(**target, **others), target, others)

    def _prepare(self, given: list[Any], target: dict[str, Any], others: dict[str, Any]) -> Self:
        prepared = object.__new__(type(self))
        prepared.__dict__.update(self.__dict__)
        with self._errors():
            prepared._raw = self._raw.prepare(given)
        prepared.target = self.target(**target)
        prepared.__dict__.update(others)
        prepared._prepared = (*self._prepared, *given)
        return prepared

    def close(self) -> None:
        """Gives the host its client back now, and not when this object is collected."""
        self._raw.__exit__(None, None, None)

    def _open(self, transport: RPCTransport, target: Target, serializer: Serializer | None,
              options: dict[str, Any]) -> None:
        interface = _wit.client(self._surface)
        given = settings(**{name: value for name, value in options.items() if value is not None})
        destination = _wit.types().Target(
            target.exchange, target.topic, target.namespace, target.version, target.server,
            bool(target.fanout))
        CallContext.__init__(self, transport, target, serializer or NoOpSerializer(), None)
        with self._errors():
            self._raw = interface.Client.open(transport.name, destination, given)
        self.__dict__.update(options)

    def _encode(self, ctxt: Any, args: dict[str, Any]) -> tuple[str, str]:
        return message.encode(self.serializer, ctxt, args)

    def _decode(self, ctxt: Any, reply: str) -> Any:
        return message.decode(self.serializer, ctxt, reply)

    def _refuse_fanout(self) -> None:
        if self.target.fanout:
            raise InvalidTarget('A call cannot be used with fanout', self.target)

    def _errors(self) -> 'Errors':
        return Errors(self)


class Errors:
    """Turns the host's error, if the block ends with one, into an exception."""

    def __init__(self, context: CallContext) -> None:
        self._target = context.target
        self._allowed = context.transport.allowed_remote_exmods

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        if kind is not None and kind.__module__ == 'componentize_py_types':
            # The bindings raise it out of a frame that also has it in a variable: without this, the
            # cycle would keep the host's client until the collector runs. For the same reason ours
            # is never in a variable here. (It is frozen, so that the attribute cannot be set.)
            error.with_traceback(None)
            raise errors.exception(error.value, self._target, self._allowed)
