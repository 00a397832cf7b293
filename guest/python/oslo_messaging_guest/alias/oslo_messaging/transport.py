"""Upstream's module of this name."""

from typing import Any

from oslo_messaging_guest.base_notifier import NotificationTransport
from oslo_messaging_guest.conf import set_transport_defaults
from oslo_messaging_guest.exceptions import InvalidTransportURL
from oslo_messaging_guest.options import TransportOptions
from oslo_messaging_guest.serving import DriverLoadFailure
from oslo_messaging_guest.transport import DEFAULT, RPCTransport, Transport
from oslo_messaging_guest.transport import get_rpc_transport as _get_rpc_transport
from oslo_messaging_guest.url import TransportHost, TransportURL

__all__ = ['DriverLoadFailure', 'InvalidTransportURL', 'NotificationTransport', 'RPCTransport',
           'Transport', 'TransportHost', 'TransportOptions', 'TransportURL', 'get_transport',
           'set_transport_defaults']


def get_rpc_transport(conf: Any, url: Any = None, allowed_remote_exmods: Any = None,
                      transport_cls: Any = RPCTransport, *, name: str = DEFAULT,
                      nobody_times_out: bool = True) -> RPCTransport:
    """As `oslo_messaging_guest.get_rpc_transport`, with what handlers written for upstream catch.

    Where nobody takes a message they wait for a `MessagingTimeout`; `NobodyInTime` is one.
    """
    return _get_rpc_transport(conf, url, allowed_remote_exmods, transport_cls, name=name,
                              nobody_times_out=nobody_times_out)


def get_transport(conf: Any, url: Any = None, allowed_remote_exmods: Any = None) -> RPCTransport:
    """Upstream's older name of `get_rpc_transport`."""
    return get_rpc_transport(conf, url, allowed_remote_exmods)
