"""oslo.messaging's RPC client for plugins: WebAssembly components written in Python.

The names are upstream's, so that code written for oslo.messaging runs after a change of its
import::

    import oslo_messaging_guest as messaging

    client = messaging.get_rpc_client(
        messaging.get_rpc_transport(), messaging.Target(topic='compute', version='2.0'))
    client.prepare(version='2.5').call({'user': 'me'}, 'test', arg=7)

`oslo_messaging_guest.aio` has the same client with `async` methods.
"""

from .client import RPCClient, get_rpc_client, remaining
from .exceptions import (
    AccessDenied,
    ClientSendError,
    Delivery,
    InvalidArgument,
    InvalidReply,
    InvalidTarget,
    InvalidTransportURL,
    LimitExceeded,
    MessageDeliveryFailure,
    MessageUndeliverable,
    MessagingException,
    MessagingTimeout,
    NoSuchTarget,
    RPCVersionCapError,
    delivery_of,
)
from .remote import NoSuchMethod, RemoteError, RPCDispatcherError, UnsupportedVersion
from .request import Request
from .serializer import JsonPayloadSerializer, NoOpSerializer, Serializer
from .target import Target
from .transport import RPCTransport, TransportOptions, get_rpc_transport

__all__ = [
    'AccessDenied',
    'ClientSendError',
    'Delivery',
    'InvalidArgument',
    'InvalidReply',
    'InvalidTarget',
    'InvalidTransportURL',
    'JsonPayloadSerializer',
    'LimitExceeded',
    'MessageDeliveryFailure',
    'MessageUndeliverable',
    'MessagingException',
    'MessagingTimeout',
    'NoOpSerializer',
    'NoSuchMethod',
    'NoSuchTarget',
    'RPCClient',
    'RPCDispatcherError',
    'RPCTransport',
    'RPCVersionCapError',
    'RemoteError',
    'Request',
    'Serializer',
    'Target',
    'TransportOptions',
    'UnsupportedVersion',
    'delivery_of',
    'get_rpc_client',
    'get_rpc_transport',
    'remaining',
]
