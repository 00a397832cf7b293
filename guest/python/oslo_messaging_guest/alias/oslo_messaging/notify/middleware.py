"""Upstream's module of this name."""

from oslo_messaging_guest.notifications import RequestNotifier, log_and_ignore_error

__all__ = ['RequestNotifier', 'log_and_ignore_error']
