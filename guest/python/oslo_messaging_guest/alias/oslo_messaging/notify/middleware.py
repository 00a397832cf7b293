"""Upstream's module of this name."""

from oslo_messaging_guest.notifications import RequestNotifier

__all__ = ['RequestNotifier']
