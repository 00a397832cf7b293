"""Upstream's module of this name."""

from oslo_messaging_guest.notifications import NotificationDispatcher, NotificationResult

__all__ = ['NotificationDispatcher', 'NotificationResult']
