"""Upstream's module of this name."""

from oslo_messaging_guest.serializer import JsonPayloadSerializer, NoOpSerializer, Serializer

__all__ = ['JsonPayloadSerializer', 'NoOpSerializer', 'Serializer']
