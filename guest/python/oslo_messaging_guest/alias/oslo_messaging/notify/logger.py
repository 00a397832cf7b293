"""Upstream's module of this name."""

from oslo_messaging_guest.notifications import LoggingNotificationHandler

__all__ = ['LoggingNotificationHandler']
