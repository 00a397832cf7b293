"""Upstream's module of this name."""

from oslo_messaging_guest.listener import (
    NotificationServer,
    get_batch_notification_listener,
    get_notification_listener,
)

__all__ = ['NotificationServer', 'get_batch_notification_listener', 'get_notification_listener']
