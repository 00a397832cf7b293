"""Upstream's module of this name."""

from oslo_messaging_guest.notification_filter import NotificationFilter

__all__ = ['NotificationFilter']
