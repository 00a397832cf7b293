"""Upstream's module of this name."""

from oslo_messaging_guest.notifications import NotificationFilter

__all__ = ['NotificationFilter']
