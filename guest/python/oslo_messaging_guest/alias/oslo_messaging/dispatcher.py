"""Upstream's module of this name."""

from oslo_messaging_guest.serving import DispatcherBase

__all__ = ['DispatcherBase']
