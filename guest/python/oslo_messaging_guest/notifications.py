"""Upstream's names for notifications that a plugin has no use for, to be imported and derived from."""

import abc
import logging
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from .exceptions import NotInPlugin
from .failure import report
from .listener import NotificationServerBase
from .notification_dispatcher import NotificationDispatcher


_LOG = logging.getLogger(__name__)
_P = ParamSpec('_P')
_T = TypeVar('_T')


class Driver(abc.ABC):
    """What notifiers send with, to be derived from; the host has its own."""

    def __init__(self, conf: Any, topics: Any, transport: Any) -> None:
        self.conf = conf
        self.topics = topics
        self.transport = transport

    @abc.abstractmethod
    def notify(self, ctxt: Any, msg: Any, priority: str, retry: int) -> None:
        """Sends a notification."""


class MessagingDriver(Driver):
    """Would send by itself; there are no objects of it in a plugin."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotInPlugin(f'{type(self).__name__}: a plugin sends notifications with a Notifier, in the '
                          'form that the operator chose')

    def notify(self, ctxt: Any, msg: Any, priority: str, retry: int) -> None:
        """Nothing: see above."""


class MessagingV2Driver(MessagingDriver):
    """The same."""


class BatchNotificationDispatcher(NotificationDispatcher):
    """Would give many notifications to a method at once; there are no objects of it in a plugin."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotInPlugin(f'{type(self).__name__}: a plugin is given one notification at a time')


class BatchNotificationServer(NotificationServerBase):
    """Would handle many notifications at once; there are no objects of it in a plugin."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotInPlugin(f'{type(self).__name__}: a plugin is given one notification at a time')


def log_and_ignore_error(fn: Callable[_P, _T]) -> Callable[_P, _T | None]:
    """A decorator for functions whose exceptions are a matter of the log alone."""
    def logged(*args: _P.args, **kwargs: _P.kwargs) -> _T | None:
        try:
            return fn(*args, **kwargs)
        except Exception as error:
            try:
                _LOG.exception('A notification of a request failed: %s', error)
            except OSError:
                # A record has a time, and this plugin was built without a clock.
                report('A notification of a request failed:', error)
            return None

    return logged


class RequestNotifier:
    """Would notify of each HTTP request; there are no objects of it in a plugin."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotInPlugin(f'{type(self).__name__}: a plugin has no HTTP requests')


class _Handler(logging.Handler):
    """A handler of `logging`, to be configured; there are no objects of it in a plugin."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotInPlugin(f'{type(self).__name__}: the records of a plugin are not sent as '
                          'notifications; use a Notifier')


class LoggingNotificationHandler(_Handler):
    """Would send records as notifications."""


class PublishErrorsHandler(_Handler):
    """Would send records of errors as notifications."""


class LoggingErrorNotificationHandler(_Handler):
    """Would send records of errors as notifications."""
