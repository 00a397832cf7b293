"""Upstream's module of this name."""

from oslo_messaging_guest.notifications import MessagingDriver, MessagingV2Driver

__all__ = ['MessagingDriver', 'MessagingV2Driver']
