"""The export `notification-endpoint` of a plugin whose module has a `listener`."""

from typing import Any

from componentize_py_types import Err
from oslo_messaging_guest import _wit
from oslo_messaging_guest.listener import NotificationServer
from oslo_messaging_guest.notification_dispatcher import Notification

from .made import Made


def interface(author: Any) -> type:
    """The class of the export."""
    found = Found(author)

    class NotificationEndpoint:
        """Methods that do not wait with `async`."""

        def filter_rule(self) -> Any:
            return found.rule()

        def handle(self, notification: Any) -> None:
            if not found.listener().handle(told(notification)):
                raise Err(None)

    return NotificationEndpoint


class Found:
    """The listener of a plugin."""

    def __init__(self, author: Any) -> None:
        self._made = Made(author, 'listener', NotificationServer, 'get_notification_listener')

    def listener(self) -> NotificationServer:
        return self._made.get()

    def rule(self) -> Any:
        """What the host is told of the endpoints."""
        dispatcher = self.listener().dispatcher
        rule = _wit.needed('notification').Filter()
        dispatcher.tell(rule)
        return rule


def told(notification: Any) -> Notification:
    """What the host's notification says."""
    said = Notification(
        notification.priority(), notification.context(), notification.payload(),
        notification.publisher_id(), notification.event_type(), notification.message_id(),
        notification.timestamp(), notification.redelivered())
    notification.__exit__(None, None, None)
    return said
