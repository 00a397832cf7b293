"""Upstream's module of this name."""

from oslo_messaging_guest.notification_dispatcher import NotificationDispatcher, NotificationResult

__all__ = ['NotificationDispatcher', 'NotificationResult']
