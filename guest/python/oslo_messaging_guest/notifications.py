"""Upstream's names for notifications, which services make beside their clients.

Transports and notifiers can be made. A notification cannot be sent from a plugin.
"""

import logging
import re
from collections.abc import Sequence
from typing import Any, Self

from .conf import with_notifications
from .exceptions import NotInPlugin
from .transport import DEFAULT, Transport, refuse_address

_marker: Any = object()


class NotificationTransport(Transport):
    """A transport for notifications."""


def get_notification_transport(conf: Any = None, url: Any = None,
                               allowed_remote_exmods: Sequence[str] | None = None, *,
                               name: str = DEFAULT) -> NotificationTransport:
    """A transport to make notifiers with.

    :raises InvalidTransportURL: for a `url` with an address: the host decides addresses
    """
    refuse_address(url)
    transport = NotificationTransport(name, tuple(allowed_remote_exmods or ()), conf)
    with_notifications(transport.conf)
    return transport


class Notifier:
    """Can be made and prepared. With the driver `noop` its methods do nothing, as upstream's."""

    def __init__(self, transport: Any, publisher_id: str | None = None, driver: str | None = None,
                 serializer: Any = None, retry: int | None = None,
                 topics: Sequence[str] | None = None) -> None:
        self.conf = transport.conf
        self.transport = transport
        self.publisher_id = publisher_id
        self.retry = retry
        self._driver = driver
        self._serializer = serializer
        self._topics = topics

    def prepare(self, publisher_id: str | None = _marker, retry: int | None = _marker) -> Self:
        """A notifier with these replaced."""
        prepared = object.__new__(type(self))
        prepared.__dict__.update(self.__dict__)
        given = {'publisher_id': publisher_id, 'retry': retry}
        prepared.__dict__.update({k: v for k, v in given.items() if v is not _marker})
        return prepared

    def is_enabled(self) -> bool:
        """False: nothing goes out."""
        return False

    def _notify(self, ctxt: Any, event_type: str, payload: Any, priority: str) -> None:
        if self._driver != 'noop':
            raise NotInPlugin(f'the notification `{event_type}` ({priority}) cannot be sent: a '
                              'plugin calls and casts, and has no notifications')

    def audit(self, ctxt: Any, event_type: str, payload: Any) -> None:
        self._notify(ctxt, event_type, payload, 'AUDIT')

    def debug(self, ctxt: Any, event_type: str, payload: Any) -> None:
        self._notify(ctxt, event_type, payload, 'DEBUG')

    def info(self, ctxt: Any, event_type: str, payload: Any) -> None:
        self._notify(ctxt, event_type, payload, 'INFO')

    def warn(self, ctxt: Any, event_type: str, payload: Any) -> None:
        self._notify(ctxt, event_type, payload, 'WARN')

    warning = warn

    def error(self, ctxt: Any, event_type: str, payload: Any) -> None:
        self._notify(ctxt, event_type, payload, 'ERROR')

    def critical(self, ctxt: Any, event_type: str, payload: Any) -> None:
        self._notify(ctxt, event_type, payload, 'CRITICAL')

    def sample(self, ctxt: Any, event_type: str, payload: Any) -> None:
        self._notify(ctxt, event_type, payload, 'SAMPLE')


class NotificationResult:
    """What endpoints of notifications return."""

    HANDLED = 'handled'
    REQUEUE = 'requeue'


class NotificationFilter:
    """Says which notifications an endpoint wants, by regular expressions."""

    def __init__(self, context: dict[str, str] | None = None, publisher_id: str | None = None,
                 event_type: str | None = None, metadata: dict[str, str] | None = None,
                 payload: dict[str, str] | None = None) -> None:
        self.context = {name: re.compile(it) for name, it in (context or {}).items()}
        self.publisher_id = publisher_id and re.compile(publisher_id)
        self.event_type = event_type and re.compile(event_type)
        self.metadata = {name: re.compile(it) for name, it in (metadata or {}).items()}
        self.payload = {name: re.compile(it) for name, it in (payload or {}).items()}


class _InServices:
    """A class to derive from and to name; there are no objects of it in a plugin."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotInPlugin(f'{type(self).__name__}: a plugin has no notifications')


class NotificationServer(_InServices):
    """Listens to notifications."""


class NotificationDispatcher(_InServices):
    """Gives notifications to endpoints."""


class RequestNotifier(_InServices):
    """Notifies of each HTTP request."""


def get_notification_listener(*args: Any, **kwargs: Any) -> Any:
    """Upstream's way to a listener.

    :raises NotInPlugin: always
    """
    raise NotInPlugin('get_notification_listener: a plugin cannot listen to notifications')


def get_batch_notification_listener(*args: Any, **kwargs: Any) -> Any:
    """Upstream's way to a listener.

    :raises NotInPlugin: always
    """
    raise NotInPlugin('get_batch_notification_listener: a plugin cannot listen to notifications')


class _Handler(logging.Handler):
    """A handler of `logging`, to be configured; there are no objects of it in a plugin."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotInPlugin(f'{type(self).__name__}: a plugin has no notifications')


class LoggingNotificationHandler(_Handler):
    """Would send records as notifications."""


class PublishErrorsHandler(_Handler):
    """Would send records of errors as notifications."""


class LoggingErrorNotificationHandler(_Handler):
    """Would send records of errors as notifications."""
