"""Upstream's module of this name."""

from oslo_messaging_guest.dispatcher import DispatcherBase

__all__ = ['DispatcherBase']
