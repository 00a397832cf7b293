"""Upstream's module of this name."""

import logging

import oslo_messaging_guest
from oslo_messaging_guest.base_notifier import get_notification_transport
from oslo_messaging_guest.notifications import Driver as Driver

__all__ = ['Notifier', 'get_notification_transport']

_LOG = logging.getLogger(__name__)


class Notifier(oslo_messaging_guest.Notifier):
    """As `oslo_messaging_guest.Notifier`, with what code written for upstream relies on.

    What cannot be sent is an error in the log, and no exception.
    """

    def _logs(self, error: Exception) -> bool:
        try:
            _LOG.error('Problem %r attempting to send to notification system.', str(error),
                       exc_info=error)
        except OSError:
            # A record has a time, and this plugin was built without a clock.
            oslo_messaging_guest.failure.report('A notification was not sent:', error)
        return True
