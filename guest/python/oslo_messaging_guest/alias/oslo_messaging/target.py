"""Upstream's module of this name."""

from oslo_messaging_guest.target import Target

__all__ = ['Target']
