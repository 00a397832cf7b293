"""The exports `notification-endpoint` and `notification-endpoint-async` of a plugin whose module has a
`listener`."""

from collections.abc import Coroutine
from typing import Any

from componentize_py_types import Err
from oslo_messaging_guest import _wit
from oslo_messaging_guest.listener import NotificationServer
from oslo_messaging_guest.notification_dispatcher import Notification

from .made import Made


def interfaces(author: Any) -> dict[str, type]:
    """The classes of both exports, by the names that the bindings look for."""
    found = _Found(author)

    class NotificationEndpoint:
        """Methods that do not wait with `async`."""

        def filter_rule(self) -> Any:
            return found.rule()

        def handle(self, notification: Any) -> None:
            if not found.listener().handle(_told(notification)):
                raise Err(None)

    class NotificationEndpointAsync:
        """Methods of which some are `async def`."""

        def filter_rule(self) -> Any:
            return found.rule()

        def handle(self, notification: Any) -> Coroutine[Any, Any, None]:
            # Not in the coroutine: what runs it needs the start, too.
            return _handle(found.listener(), _told(notification))

    return {it.__name__: it for it in (NotificationEndpoint, NotificationEndpointAsync)}


async def _handle(listener: NotificationServer, notification: Notification) -> None:
    if not await listener.handle_async(notification):
        raise Err(None)


class _Found:
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


def _told(notification: Any) -> Notification:
    told = Notification(
        notification.priority(), notification.context(), notification.payload(),
        notification.publisher_id(), notification.event_type(), notification.message_id(),
        notification.timestamp(), notification.redelivered())
    notification.__exit__(None, None, None)
    return told
