"""Upstream's module of this name."""

from oslo_messaging_guest.notifications import Notifier, get_notification_transport

__all__ = ['Notifier', 'get_notification_transport']
