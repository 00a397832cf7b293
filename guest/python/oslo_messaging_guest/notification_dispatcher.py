"""Endpoints for notifications, and the notifications that are given to their methods."""

import functools
import inspect
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .base_notifier import PRIORITIES
from .depth import check_text
from .dispatcher import DispatcherBase
from .failure import is_of_the_method, report
from .notification_filter import NotificationFilter
from .serializer import NoOpSerializer, Serializer


class NotificationResult:
    """What methods of endpoints return; None is as good as `HANDLED`."""

    HANDLED = 'handled'
    REQUEUE = 'requeue'


@dataclass(frozen=True)
class Notification:
    """A notification that came. Context and payload are JSON, as they came."""

    priority: str
    context: str
    payload: str
    publisher_id: str | None = None
    event_type: str | None = None
    message_id: str | None = None
    timestamp: str | None = None
    #: Whether it was handed out before.
    redelivered: bool = False


class NotificationDispatcher(DispatcherBase):
    """Gives notifications to endpoints, in their order.

    :param endpoints: objects with a method for each priority that they want, such as
                      `info(ctxt, publisher_id, event_type, payload, metadata)`; a `filter_rule` says
                      which of those
    :param serializer: what converts payloads and contexts
    """

    def __init__(self, endpoints: Sequence[Any], serializer: Serializer | None) -> None:
        self.endpoints = endpoints
        self.serializer = NoOpSerializer() if serializer is None else serializer
        self._callbacks: dict[str, list[tuple[Any, Callable[..., Any]]]] = {}
        for endpoint in endpoints:
            rule = getattr(endpoint, 'filter_rule', None)
            if rule is not None and not isinstance(rule, NotificationFilter):
                raise TypeError("`filter_rule` of an endpoint is a NotificationFilter, not "
                                f'{type(rule).__name__}: endpoint={endpoint}')
            for priority in PRIORITIES:
                if hasattr(endpoint, priority):
                    self._callbacks.setdefault(priority, []).append(
                        (rule, getattr(endpoint, priority)))

    @property
    def supported_priorities(self) -> list[str]:
        """Those that an endpoint has a method for."""
        return list(self._callbacks)

    @property
    def common_filter(self) -> NotificationFilter | None:
        """What every notification passes that an endpoint wants; None: nothing is known of it, as of
        one with a `match` of its own."""
        rules = [getattr(it, 'filter_rule', None) for it in self.endpoints]
        is_common = all(it is rules[0] and type(it) is NotificationFilter for it in rules)
        return rules[0] if rules and is_common else None

    def tell(self, rule: Any) -> None:
        """Says to a filter of the host what the endpoints want. Where there are several filters the
        dispatcher applies them.

        :raises TypeError: when there is nothing that they want
        """
        if not self._callbacks:
            # To the host no priority is as good as all of them, and all would be lost.
            raise TypeError('no endpoint of the listener has a method for a priority, so that it wants '
                            f"nothing: give one of them a method {', '.join(PRIORITIES)}")
        for priority in self._callbacks:
            rule.add_priority(priority)
        if self.common_filter is not None:
            # What a serializer makes of contexts and payloads the host does not see.
            self.common_filter.tell(rule, is_as_sent=type(self.serializer) is NoOpSerializer)

    def dispatch(self, notification: Notification) -> str:
        """Gives one to the endpoints that want it, until one of them wants it requeued.

        What a method raises is printed, and counts as `REQUEUE`, as upstream has it.
        """
        for call in self._calls(notification):
            try:
                result = call()
                if inspect.iscoroutine(result):
                    result.close()
                    raise RuntimeError(
                        'a method is an `async def`, which a plugin waits for whose world exports '
                        '`notification-endpoint-async`: make it a `def`, or change the world')
            except BaseException as error:
                result = _told(error)
            if result == NotificationResult.REQUEUE:
                return NotificationResult.REQUEUE
        return NotificationResult.HANDLED

    async def dispatch_async(self, notification: Notification) -> str:
        """The same for methods of which some are `async def`."""
        for call in self._calls(notification):
            try:
                result = call()
                if inspect.isawaitable(result):
                    result = await result
            except BaseException as error:
                result = _told(error)
            if result == NotificationResult.REQUEUE:
                return NotificationResult.REQUEUE
        return NotificationResult.HANDLED

    def _calls(self, notification: Notification) -> Iterator[Callable[[], Any]]:
        """A call of each method of its priority."""
        callbacks = self._callbacks.get(notification.priority, [])
        try:
            ctxt, payload = self._read(notification) if callbacks else (None, None)
        except BaseException as error:
            result = _told(error)
            yield lambda: result
            return
        metadata = {'message_id': notification.message_id, 'timestamp': notification.timestamp}
        for rule, method in callbacks:
            yield functools.partial(_called, rule, method, ctxt, notification.publisher_id,
                                    notification.event_type, payload, metadata)

    def _read(self, notification: Notification) -> tuple[Any, Any]:
        check_text(notification.context)
        check_text(notification.payload)
        ctxt = self.serializer.deserialize_context(json.loads(notification.context))
        return ctxt, self.serializer.deserialize_entity(ctxt, json.loads(notification.payload))


def _called(rule: NotificationFilter | None, method: Callable[..., Any], ctxt: Any,
            publisher_id: Any, event_type: Any, payload: Any, metadata: Any) -> Any:
    """What a method gives; None when it does not want the notification."""
    if rule is not None and not rule.match(ctxt, publisher_id, event_type, metadata, payload):
        return None
    return method(ctxt, publisher_id, event_type, payload, metadata)


def _told(error: BaseException) -> str:
    if not is_of_the_method(error):
        raise error
    report('A notification was not handled:', error)
    return NotificationResult.REQUEUE
