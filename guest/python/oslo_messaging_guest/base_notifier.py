"""What notifiers with plain and with `async` methods share: everything but sending."""

from collections.abc import Sequence
from typing import Any, Self

from . import message
from .conf import notification_options, with_notifications
from .exceptions import InvalidArgument, NotInPlugin
from .host_notifier import HostNotifier, Settings
from .serializer import NoOpSerializer, Serializer
from .target import Target
from .transport import DEFAULT, Transport, modules, refuse_address

_marker: Any = object()

#: The host's names of upstream's, which are also those of the methods.
PRIORITIES = ('audit', 'debug', 'info', 'warn', 'error', 'critical', 'sample')


class NotificationTransport(Transport):
    """A transport for notifications."""


def get_notification_transport(conf: Any = None, url: Any = None,
                               allowed_remote_exmods: Sequence[str] | None = None, *,
                               name: str = DEFAULT) -> NotificationTransport:
    """The transport that the host granted under this name, to notify with.

    :raises InvalidArgument: for `allowed_remote_exmods` that are no list of strings
    :raises InvalidTransportURL: for a `url` with an address: the host decides addresses
    """
    refuse_address(url)
    transport = NotificationTransport(name, modules(allowed_remote_exmods), conf)
    with_notifications(transport.conf)
    return transport


class BaseNotifier:
    """Settings, which are read when a notification is sent: assign to them at any time."""

    def __init__(self, transport: Transport, publisher_id: str | None = None,
                 driver: str | None = None, serializer: Serializer | None = None,
                 retry: int | None = None, topics: Sequence[str] | None = None, *,
                 timeout: float | None = None) -> None:
        """The arguments are upstream's; nothing is opened or sent yet.

        :param publisher_id: who it is, such as `compute.host-1`
        :param driver: `messaging` and `messagingv2` send, in the form that the operator chose;
                       `noop` does not. None: what `transport.conf` says, which sends unless it was set
        :param retry: how often a failed attempt to connect is repeated; None: what `transport.conf`
                      says, -1: until the timeout
        :param topics: the topics that get a copy each; None: the first that the operator granted
        :param timeout: the seconds that a notification may take in all; the host may make it shorter.
                        None: the host's own
        """
        drivers, default_topics, default_retry = notification_options(
            with_notifications(transport.conf))
        self.conf = transport.conf
        self.transport = transport
        self.publisher_id = publisher_id
        self.retry = default_retry if retry is None else retry
        self.timeout = timeout
        self._topics = default_topics if topics is None else topics
        self._serializer = NoOpSerializer() if serializer is None else serializer
        self._drivers = list(drivers) if driver is None else [driver]
        self._host = HostNotifier(transport.name)

    def prepare(self, publisher_id: str | None = _marker, retry: int | None = _marker) -> Self:
        """A notifier with these replaced."""
        prepared = object.__new__(type(self))
        prepared.__dict__.update(self.__dict__)
        given = {'publisher_id': publisher_id, 'retry': retry}
        prepared.__dict__.update({k: v for k, v in given.items() if v is not _marker})
        prepared._host = HostNotifier(self.transport.name)
        return prepared

    def is_enabled(self) -> bool:
        """Whether its methods notify anybody: not with the driver `noop`."""
        return self._drivers != ['noop']

    def _sends(self, priority: str) -> bool:
        """Whether there is something to be sent.

        :raises InvalidArgument: for a priority that there is none of
        :raises NotInPlugin: for a driver that does something else
        """
        if priority.lower() not in PRIORITIES:
            known = ', '.join(PRIORITIES)
            raise InvalidArgument('priority', f'`priority` is one of {known}, not {priority!a}')
        for driver in self._drivers:
            if driver not in _DRIVERS:
                raise NotInPlugin(f'a plugin has no driver {driver!a} for notifications: give the '
                                  "notifier driver='messagingv2', or driver='noop' to send nothing")
        return any(_DRIVERS[it] for it in self._drivers)

    def _raw(self) -> Any:
        """The host's notifier, with the settings that hold now."""
        return self._host.raw(Settings.of(
            self.publisher_id, self._topics, self.timeout, self.retry))

    def _encoded(self, ctxt: Any, event_type: str, payload: Any) -> message.Notified:
        return message.encode_notification(self._serializer, ctxt, event_type, payload)

    def _target(self) -> Target:
        """For what an error says: the topics, whatever was given for them."""
        return Target(topic=str(self._topics or 'notifications'))

    def _logs(self, error: Exception) -> bool:
        """Whether what could not be sent is told to nobody but the log: here it is raised."""
        return False


#: Whether they send.
_DRIVERS = {'messaging': True, 'messagingv2': True, 'noop': False}
