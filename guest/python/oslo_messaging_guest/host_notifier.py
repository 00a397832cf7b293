"""The host's notifier behind a notifier of this package."""

from dataclasses import dataclass
from typing import Any

from . import _wit
from .values import nanoseconds, repetitions, required_text, text, texts


@dataclass(frozen=True)
class Settings:
    """What a notification is sent with, checked and in the form that the host takes."""

    publisher_id: str | None
    topics: list[str] | None
    timeout: int | None
    retry: int | None

    @classmethod
    def of(cls, publisher_id: Any, topics: Any, timeout: Any, retry: Any) -> 'Settings':
        """Of what a plugin gave.

        :raises InvalidArgument: naming the setting that is unusable
        """
        return cls(text('publisher_id', publisher_id), texts('topics', topics),
                   nanoseconds('timeout', timeout), repetitions(retry))


class HostNotifier:
    """A notifier of the host, opened when it is first needed, and again for another publisher."""

    def __init__(self, transport: str) -> None:
        self._transport = transport
        self._raw: Any = None
        self._now = Settings(None, None, None, None)

    def raw(self, settings: Settings) -> Any:
        """The bindings' object, with these settings.

        What it was before stays open for as long as a notification is on its way with it.
        """
        if self._raw is None or settings.publisher_id != self._now.publisher_id:
            name = required_text('name', self._transport)
            self._raw = _wit.needed('notifier').Notifier.open(name, settings.publisher_id)
            self._now = Settings(settings.publisher_id, None, None, None)
        if settings != self._now:
            if settings.topics != self._now.topics:
                self._raw.set_topics(settings.topics)
            self._raw.set_timeout(settings.timeout)
            self._raw.set_retry(settings.retry)
            self._now = settings
        return self._raw
