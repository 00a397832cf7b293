"""Listeners with upstream's names. What makes one listen is the host."""

from collections.abc import Sequence
from typing import Any

from .exceptions import NotInPlugin
from .notification_dispatcher import Notification, NotificationDispatcher, NotificationResult
from .serializer import Serializer
from .server import MessageHandlingServer
from .target import Target


class NotificationServerBase(MessageHandlingServer):
    """Base class of those of notifications."""


class NotificationServer(NotificationServerBase):
    """Handles notifications: give one the name `listener` in plugin.py, or to a function `listener`
    there that returns one.

    Exchange, topics and pool are the host's to say: those that are given here are for tests.
    """

    def __init__(self, transport: Any, targets: Sequence[Target],
                 dispatcher: NotificationDispatcher, executor: Any = None,
                 allow_requeue: bool = True, pool: str | None = None) -> None:
        super().__init__(transport, dispatcher, executor)
        self.targets = targets
        self._allow_requeue = allow_requeue
        self._pool = pool

    def handle(self, notification: Notification) -> bool:
        """Gives one to the endpoints, and says whether it is done with."""
        return self._is_done(self.dispatcher.dispatch(notification))

    async def handle_async(self, notification: Notification) -> bool:
        """The same for endpoints of which some methods are `async def`."""
        return self._is_done(await self.dispatcher.dispatch_async(notification))

    def _is_done(self, result: str) -> bool:
        return not self._allow_requeue or result != NotificationResult.REQUEUE


def get_notification_listener(transport: Any, targets: Sequence[Target], endpoints: Sequence[Any],
                              executor: Any = None, serializer: Serializer | None = None,
                              allow_requeue: bool = False,
                              pool: str | None = None) -> NotificationServer:
    """A listener with endpoints; the arguments are upstream's.

    :param allow_requeue: whether `NotificationResult.REQUEUE`, and what a method raises, bring a
                          notification back, which the operator has to allow as well
    :raises TypeError: for an endpoint whose `filter_rule` is no `NotificationFilter`
    """
    dispatcher = NotificationDispatcher(endpoints, serializer)
    return NotificationServer(transport, targets, dispatcher, executor, allow_requeue, pool)


def get_batch_notification_listener(*args: Any, **kwargs: Any) -> Any:
    """Upstream's way to endpoints that are given many notifications at once.

    :raises NotInPlugin: always
    """
    raise NotInPlugin('get_batch_notification_listener: a plugin is given one notification at a '
                      'time; use get_notification_listener')
