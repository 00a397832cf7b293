"""Upstream's module of this name."""

from oslo_messaging_guest.notifications import (
    LoggingErrorNotificationHandler,
    PublishErrorsHandler,
)

__all__ = ['LoggingErrorNotificationHandler', 'PublishErrorsHandler']
