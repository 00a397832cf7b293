"""What clients with plain and with `async` methods share: everything but sending."""

import abc
from typing import Any, Self

from . import _wit, errors, message
from .description import Description, describe
from .exceptions import InvalidTarget
from .host_client import HostClient, Options
from .options import TransportOptions
from .serializer import NoOpSerializer, Serializer
from .target import Target
from .transport import RPCTransport, Transport
from .values import required_text
from .version import checked


class Unset:
    """The type of `UNSET`: an argument that was not given keeps what the client has."""

    def __repr__(self) -> str:
        return 'UNSET'


UNSET: Any = Unset()


class BaseCallContext(abc.ABC):
    """A target and settings, which are read when a message is sent: assign to them at any time."""

    _marker = UNSET

    def __init__(self, transport: RPCTransport, target: Target, serializer: Serializer | None,
                 timeout: float | None = None, version_cap: str | None = None,
                 retry: int | None = None, call_monitor_timeout: float | None = None,
                 transport_options: TransportOptions | None = None, *,
                 reply_bytes: int | None = None, host: HostClient | None = None) -> None:
        self.transport = transport
        self.conf = transport.conf
        self.target = target
        self.serializer = NoOpSerializer() if serializer is None else serializer
        self.timeout = timeout
        self.version_cap = version_cap
        self.retry = retry
        self.call_monitor_timeout = call_monitor_timeout
        self.transport_options = transport_options
        self.reply_bytes = reply_bytes
        self._host: HostClient | None = host or HostClient(transport.name, self._values())

    @abc.abstractmethod
    def prepare(self) -> Any:
        """A context with some settings replaced."""

    def can_send_version(self, version: str | None = UNSET) -> bool:
        """Whether a message of this version fits the version cap; without one, the target's."""
        if version is None:
            return bool(self._without_version().can_send_version())
        asked = None if version is UNSET else required_text('version', version)
        with self._errors(), self._client().with_values(self._values()) as raw:
            return bool(raw.can_send_version(asked))

    def describe(self) -> Description:
        """What holds for its messages now, as the host says: its limits are in it.

        :raises MessagingException: when a setting is unusable
        """
        with self._errors(), self._client().with_values(self._values()) as raw:
            return describe(raw)

    def close(self) -> None:
        """Gives its client back to the host, as soon as nothing that was prepared needs it either.

        Nothing can be sent with it any more. Collected objects are given back by themselves.
        """
        self._host = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _prepared(self, kind: Any, target: dict[str, Any], settings: dict[str, Any]) -> Any:
        """A context of this class with what was given."""
        given = {name: value for name, value in target.items() if value is not UNSET}
        checked(given.get('version'))
        kept = {name: getattr(self, name) if value is UNSET else value
                for name, value in settings.items()}
        prepared = kind(self.transport, self.target(**given), self.serializer, **kept,
                        host=self._client())
        if _wit.is_live() and any(settings[name] not in (UNSET, None) for name in _LIMITED):
            # Upstream takes anything here. The host refuses what cannot work: now, and not later.
            with self._errors(), self._client().with_values(prepared._values()):
                pass
        return prepared

    def _without_version(self) -> Any:
        return self._prepared(_Answering, {'version': None}, dict.fromkeys(_SETTINGS, UNSET))

    def _open(self, surface: str) -> None:
        """Says now what is wrong with the transport or a setting; at the build nobody can."""
        if _wit.is_live():
            _wit.needed(surface)
            with self._errors():
                self._client().raw()

    def _client(self) -> HostClient:
        if self._host is None:
            raise RuntimeError('this client was closed: make a new one')
        return self._host

    def _values(self) -> tuple[Any, ...]:
        target, transport = self.target, self.transport
        exchange = target.exchange if target.exchange is not None else transport.exchange
        return (exchange, target.topic, target.namespace, target.version, target.server,
                target.fanout, self.timeout, self.version_cap, self.retry,
                self.call_monitor_timeout, self.transport_options, self.reply_bytes)

    def _encode(self, ctxt: Any, method: str, args: dict[str, Any]) -> tuple[str, str, str]:
        return message.encode(self.serializer, ctxt, method, args)

    def _decode(self, ctxt: Any, reply: str) -> Any:
        return message.decode(self.serializer, ctxt, reply)

    def _refuse_fanout(self) -> None:
        if self.target.fanout:
            raise InvalidTarget('A call cannot be used with fanout', self.target)

    def _options(self) -> Options:
        return Options(self._client().changes(self._values()))

    def _errors(self) -> errors.Errors:
        return errors.Errors(self.target, self.transport)


class _Answering(BaseCallContext):
    """A context that is asked and sends nothing."""

    def prepare(self) -> Any:
        return self


_SETTINGS = ('timeout', 'version_cap', 'retry', 'call_monitor_timeout', 'transport_options',
             'reply_bytes')
# Of these the host refuses some values of the right type.
_LIMITED = ('version_cap', 'call_monitor_timeout')
