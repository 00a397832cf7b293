"""`notifier` and `notifier-async` of a host that is played."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Protocol, Self

from ..base_notifier import PRIORITIES
from .bindings import error

_DEFAULT_TOPICS = ['notifications']


@dataclass
class Notified:
    """A notification that was sent."""

    priority: str
    publisher_id: str | None
    topics: list[str]
    context: Any
    event_type: str
    payload: Any
    #: The seconds that it might have taken.
    timeout: float
    retry: int | None


class Notifies(Protocol):
    """What sends the notifications of one transport."""

    #: Seconds that one may take of which nothing else is said.
    timeout: float

    def notify(self, notified: Notified) -> None:
        """Sends one, or raises what the host raises."""


class Notifier:
    """`notifier.notifier`."""

    def __init__(self, transport: Notifies, publisher_id: str | None) -> None:
        _checked('publisher-id', publisher_id or '')
        self.sender = transport
        self.publisher_id = publisher_id
        self.topics = _DEFAULT_TOPICS
        self.timeout: int | None = None
        self.retry: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def set_topics(self, topics: list[str] | None) -> None:
        for topic in _DEFAULT_TOPICS if topics is None else topics:
            _checked('topics', topic)
        if topics is not None and not all(topics or ['']):
            raise error('InvalidArgument', 'topics', 'there has to be one, and none may be empty')
        self.topics = _DEFAULT_TOPICS if topics is None else topics

    def set_timeout(self, timeout: int | None) -> None:
        self.timeout = timeout

    def set_retry(self, retry: int | None) -> None:
        self.retry = retry


def interfaces(transports: Mapping[str, Notifies]) -> dict[str, Any]:
    """Those of a host that has granted these transports, by name."""
    def opened(name: str, publisher_id: str | None) -> Notifier:
        if name not in transports:
            raise error('AccessDenied', 'default', f'no transport `{name}` is granted')
        return Notifier(transports[name], publisher_id)

    notifier = SimpleNamespace(open=opened)
    return {'notifier': SimpleNamespace(Notifier=notifier, notify=_notify),
            'notifier_async': SimpleNamespace(notify=_notify_async)}


def _notify(notifier: Notifier, priority: str, context: str, event_type: str,
            payload: str) -> None:
    if priority not in PRIORITIES:
        raise error('InvalidArgument', 'priority', f'`{priority}` is no priority')
    _checked('event-type', event_type)
    said = json.loads(context)
    if not isinstance(said, dict):
        raise error('InvalidArgument', 'context', 'it must be a JSON object')
    sender = notifier.sender
    timeout = sender.timeout if notifier.timeout is None else notifier.timeout / 10**9
    sender.notify(Notified(priority, notifier.publisher_id, list(notifier.topics), said, event_type,
                           json.loads(payload), timeout, notifier.retry))


async def _notify_async(notifier: Notifier, priority: str, context: str, event_type: str,
                        payload: str) -> None:
    _notify(notifier, priority, context, event_type, payload)
    await asyncio.sleep(0)


def _checked(argument: str, name: str) -> None:
    if len(name.encode()) > 255:
        raise error('InvalidArgument', argument, 'it may have 255 bytes')
