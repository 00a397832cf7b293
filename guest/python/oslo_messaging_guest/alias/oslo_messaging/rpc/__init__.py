"""Upstream's package of this name."""

from . import client, dispatcher, server, transport
from .client import *
from .dispatcher import *
from .server import *
from .transport import *

__all__ = ['ClientSendError', 'DefaultRPCAccessPolicy', 'ExpectedException',
           'ExplicitRPCAccessPolicy', 'LegacyRPCAccessPolicy', 'NoSuchMethod', 'RPCAccessPolicyBase',
           'RPCClient', 'RPCDispatcher', 'RPCDispatcherError', 'RPCVersionCapError', 'RemoteError',
           'UnsupportedVersion', 'expected_exceptions', 'expose', 'get_rpc_client',
           'get_rpc_server', 'get_rpc_transport']
