"""Upstream's module of this name."""

from oslo_messaging_guest.listener import (
    NotificationServer,
    NotificationServerBase,
    get_batch_notification_listener,
    get_notification_listener,
)
from oslo_messaging_guest.notifications import BatchNotificationServer

__all__ = ['BatchNotificationServer', 'NotificationServer', 'NotificationServerBase',
           'get_batch_notification_listener', 'get_notification_listener']
