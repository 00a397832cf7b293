"""The export `notification-endpoint-async` of a plugin whose module has a `listener`."""

from collections.abc import Coroutine
from typing import Any

from componentize_py_types import Err
from oslo_messaging_guest.listener import NotificationServer
from oslo_messaging_guest.notification_dispatcher import Notification

from .awaited import whole
from .heard import Found, told


def interface(author: Any) -> type:
    """The class of the export."""
    found = Found(author)

    class NotificationEndpointAsync:
        """Methods of which some are `async def`."""

        def filter_rule(self) -> Any:
            return found.rule()

        def handle(self, notification: Any) -> Coroutine[Any, Any, None]:
            # Not in the coroutine: what runs it needs the start, too.
            return whole(_handle(found.listener(), told(notification)))

    return NotificationEndpointAsync


async def _handle(listener: NotificationServer, notification: Notification) -> None:
    if not await listener.handle_async(notification):
        raise Err(None)
