"""Transports, which the host grants by name."""

from collections.abc import Sequence
from typing import Any

from .exceptions import InvalidTransportURL

DEFAULT = 'default'


class TransportOptions:
    """How a transport sends; `at_least_once` fails at once where no queue takes the message.

    Given none at all, calls do so and casts do not.
    """

    def __init__(self, at_least_once: bool = False) -> None:
        self._at_least_once = at_least_once

    @property
    def at_least_once(self) -> bool:
        return self._at_least_once

    def __repr__(self) -> str:
        return f'TransportOptions(at_least_once={self._at_least_once})'


class RPCTransport:
    """A transport that the host granted under a name. Nothing is connected by having it."""

    def __init__(self, name: str = DEFAULT, allowed_remote_exmods: Sequence[str] = (),
                 conf: Any = None) -> None:
        self.name = name
        self.allowed_remote_exmods = tuple(allowed_remote_exmods)
        self.conf = conf

    def cleanup(self) -> None:
        """Nothing: the connections are the host's."""

    def __repr__(self) -> str:
        return f'<RPCTransport {self.name}>'


def get_rpc_transport(conf: Any = None, url: str | None = None,
                      allowed_remote_exmods: Sequence[str] | None = None,
                      transport_cls: type[RPCTransport] = RPCTransport, *,
                      name: str = DEFAULT) -> RPCTransport:
    """The transport that the host granted under this name.

    The arguments are upstream's, and `name`. `conf` is kept and not read: options of the broker
    are the operator's. Whether the transport was granted shows when a client is made.

    :raises InvalidTransportURL: for a `url`: the host decides addresses, not the plugin
    """
    if url is not None:
        # Not repeated in the message: it may hold a password.
        raise InvalidTransportURL(
            str(url), 'a plugin cannot choose an address: leave `url` out, or name a transport '
            "that the host grants, as in get_rpc_transport(name='default')")
    return transport_cls(name, tuple(allowed_remote_exmods or ()), conf)
