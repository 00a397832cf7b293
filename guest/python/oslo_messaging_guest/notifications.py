"""Upstream's names for notifications that a plugin has no use for, to be imported and derived from."""

import logging
from typing import Any

from .exceptions import NotInPlugin


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
