"""Transports, which the host grants by name."""

from collections.abc import Sequence
from types import ModuleType
from typing import Any

from .conf import DEFAULT, Conf, default_exchange, prepared
from .exceptions import InvalidTransportURL
from .options import TransportOptions
from .url import TransportURL
from .values import texts

__all__ = ['DEFAULT', 'RPCTransport', 'Transport', 'TransportOptions', 'get_rpc_transport']


class Transport:
    """A transport that the host granted under a name. Nothing is connected by having it."""

    def __init__(self, name: str = DEFAULT, allowed_remote_exmods: Sequence[str] = (),
                 conf: Any = None, nobody_times_out: bool = False) -> None:
        self.name = name
        self.allowed_remote_exmods = tuple(allowed_remote_exmods)
        self.conf = Conf(name) if conf is None else prepared(conf)
        #: Whether a message that nobody takes raises `NobodyInTime`, which is a `MessagingTimeout`.
        self.nobody_times_out = nobody_times_out

    @property
    def exchange(self) -> str | None:
        """The exchange of targets that name none; None: the operator's."""
        return default_exchange(self.conf)

    def cleanup(self) -> None:
        """Nothing: the connections are the host's."""

    def __repr__(self) -> str:
        return f'<{type(self).__name__} {self.name}>'


class RPCTransport(Transport):
    """A transport for calls and casts."""


def get_rpc_transport(conf: Any = None, url: str | TransportURL | None = None,
                      allowed_remote_exmods: Sequence[str] | None = None,
                      transport_cls: type[RPCTransport] = RPCTransport, *,
                      name: str = DEFAULT, nobody_times_out: bool = False) -> RPCTransport:
    """The transport that the host granted under this name.

    The first arguments are upstream's. Options of the broker in `conf` are the operator's, and are
    not read. Whether the transport was granted shows when a client is made.

    :param nobody_times_out: what nobody takes raises `NobodyInTime`, which handlers of
                             `MessagingTimeout` catch, in the place of `NoSuchTarget`
    :raises InvalidArgument: for `allowed_remote_exmods` that are no list of strings
    :raises InvalidTransportURL: for a `url` with an address: the host decides addresses
    """
    refuse_address(url)
    return transport_cls(name, modules(allowed_remote_exmods), conf, nobody_times_out)


def modules(allowed_remote_exmods: Any) -> list[str]:
    """The names of modules whose exceptions are made again.

    :raises InvalidArgument: for a string, which would be taken for its letters, or what has no names
    """
    if isinstance(allowed_remote_exmods, (list, tuple)):
        # neutron_lib gives modules in the place of their names: upstream takes them, and no exception
        # is of a module whose name is a module.
        allowed_remote_exmods = [
            it for it in allowed_remote_exmods if not isinstance(it, ModuleType)]
    return texts('allowed_remote_exmods', allowed_remote_exmods) or []


def refuse_address(url: Any) -> None:
    """Takes a URL that names no host, as code has that reads its URL from an empty configuration.

    :raises InvalidTransportURL: for any other
    """
    if url is None or (isinstance(url, TransportURL) and not url.hosts):
        return
    # Not repeated in the message: it may hold a password.
    raise InvalidTransportURL(
        str(url), 'a plugin cannot choose an address: leave `url` out, or name a transport '
        "that the host grants, as in get_rpc_transport(name='default')")
