"""Upstream's module of this name."""

from typing import Any

from oslo_messaging_guest.exceptions import NotInPlugin

__all__ = ['ConfFixture']


class ConfFixture:
    """For tests with upstream's own transports."""

    def __init__(self, conf: Any, transport_url: Any = None) -> None:
        raise NotInPlugin("ConfFixture: this is a plugin's oslo_messaging, whose transport for "
                          'tests is `oslo_messaging_guest.testing.Transport`')
