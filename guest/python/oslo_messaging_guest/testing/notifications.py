"""Notifications of a transport that is played: those that were sent, and those that are handled."""

import json
from collections.abc import Callable

from ..exceptions import MessagingException
from ..listener import NotificationServer
from ..notification_dispatcher import Notification
from .endpoints import finished
from .notifier import Notified
from .server import of_the_host


class Notifications:
    """What a transport does with them."""

    def __init__(self) -> None:
        #: Those that were sent, in order.
        self.notified: list[Notified] = []
        #: Those that a listener wanted to come again.
        self.requeued: list[Notified] = []
        self._listeners: list[NotificationServer] = []
        self._fails: Callable[[Notified], MessagingException | None] = lambda notified: None

    def listen(self, listener: NotificationServer) -> None:
        """Has notifications to the topics of a plugin's own listener handled by its endpoints."""
        if not all(it.topic for it in listener.targets):
            raise ValueError('a target of the listener has no topic, which nothing could be sent to')
        self._listeners.append(listener)

    def notifications_fail(self, how: Callable[[Notified], MessagingException | None]) -> None:
        """From now on notifications fail with what `how` returns; those that it returns None for are
        sent."""
        self._fails = how

    def notify(self, notified: Notified) -> None:
        """Sends one."""
        failure = self._fails(notified)
        if failure is not None:
            raise of_the_host(failure)
        self.notified.append(notified)
        for listener in self._listeners:
            for topic in notified.topics:
                if any(it.topic == topic for it in listener.targets):
                    self._hand(notified, listener)

    def _hand(self, notified: Notified, listener: NotificationServer) -> None:
        came = Notification(
            notified.priority, json.dumps(notified.context), json.dumps(notified.payload),
            notified.publisher_id, notified.event_type, '6e1a9c5e-8d4b-4c39-9d0f-0f6a5a2a3f11',
            '2026-01-02 03:04:05.000600')
        if not finished(listener.handle_async(came)):
            self.requeued.append(notified)
