"""Upstream's module of this name."""

from oslo_messaging_guest.client import CallContext, RPCClient, get_rpc_client
from oslo_messaging_guest.context import BaseCallContext
from oslo_messaging_guest.exceptions import ClientSendError, RPCVersionCapError
from oslo_messaging_guest.remote import RemoteError

_BaseCallContext = BaseCallContext
_CallContext = CallContext

__all__ = ['ClientSendError', 'RPCClient', 'RPCVersionCapError', 'RemoteError', 'get_rpc_client']
