"""Upstream's module of this name."""

from oslo_messaging_guest.base_notifier import PRIORITIES as PRIORITIES
from oslo_messaging_guest.notification_dispatcher import NotificationDispatcher, NotificationResult
from oslo_messaging_guest.notifications import BatchNotificationDispatcher

__all__ = ['BatchNotificationDispatcher', 'NotificationDispatcher', 'NotificationResult']
