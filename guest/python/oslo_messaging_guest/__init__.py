"""oslo.messaging's RPC and notifications for plugins: WebAssembly components written in Python.

The names are upstream's, so that code written for oslo.messaging runs after a change of its
import::

    import oslo_messaging_guest as messaging

    client = messaging.get_rpc_client(
        messaging.get_rpc_transport(), messaging.Target(topic='compute', version='2.0'))
    client.prepare(version='2.5').call({'user': 'me'}, 'test', arg=7)

Where the import cannot be changed, a plugin finds the same under upstream's name, `oslo_messaging`.
`oslo_messaging_guest.aio` has the same client with `async` methods, `oslo_messaging_guest.testing`
a transport for tests.
"""

from .base_notifier import NotificationTransport, get_notification_transport
from .client import CallContext, RPCClient, get_rpc_client
from .conf import set_transport_defaults
from .description import Description
from .dispatcher import Request as ServedRequest
from .dispatcher import RPCDispatcher, current_request
from .exceptions import (
    AccessDenied,
    ClientSendError,
    ConfigurationError,
    InvalidArgument,
    InvalidReply,
    InvalidTarget,
    InvalidTransportURL,
    LimitExceeded,
    MessageDeliveryFailure,
    MessageUndeliverable,
    MessagingException,
    MessagingTimeout,
    NobodyInTime,
    NoSuchTarget,
    NotInPlugin,
    RPCVersionCapError,
)
from .limits import Limits, limits, remaining, transports
from .listener import NotificationServer, get_notification_listener
from .notification_dispatcher import NotificationDispatcher, NotificationResult
from .notification_filter import NotificationFilter
from .notifier import Notifier
from .outcome import Outcome, outcome_of
from .remote import NoSuchMethod, RemoteError, RPCDispatcherError, UnsupportedVersion
from .request import Request
from .serializer import JsonPayloadSerializer, NoOpSerializer, Serializer
from .server import RPCServer, get_rpc_server
from .serving import expected_exceptions, expose
from .target import Target
from .transport import RPCTransport, TransportOptions, get_rpc_transport
from .url import TransportHost, TransportURL

__all__ = [
    'AccessDenied',
    'CallContext',
    'ClientSendError',
    'ConfigurationError',
    'Description',
    'InvalidArgument',
    'InvalidReply',
    'InvalidTarget',
    'InvalidTransportURL',
    'JsonPayloadSerializer',
    'LimitExceeded',
    'Limits',
    'MessageDeliveryFailure',
    'MessageUndeliverable',
    'MessagingException',
    'MessagingTimeout',
    'NoOpSerializer',
    'NoSuchMethod',
    'NoSuchTarget',
    'NobodyInTime',
    'NotInPlugin',
    'NotificationDispatcher',
    'NotificationFilter',
    'NotificationResult',
    'NotificationServer',
    'NotificationTransport',
    'Notifier',
    'Outcome',
    'RPCClient',
    'RPCDispatcher',
    'RPCDispatcherError',
    'RPCServer',
    'RPCTransport',
    'RPCVersionCapError',
    'RemoteError',
    'Request',
    'Serializer',
    'ServedRequest',
    'Target',
    'TransportHost',
    'TransportOptions',
    'TransportURL',
    'UnsupportedVersion',
    'current_request',
    'expected_exceptions',
    'expose',
    'get_notification_listener',
    'get_notification_transport',
    'get_rpc_client',
    'get_rpc_server',
    'get_rpc_transport',
    'limits',
    'outcome_of',
    'remaining',
    'set_transport_defaults',
    'transports',
]
