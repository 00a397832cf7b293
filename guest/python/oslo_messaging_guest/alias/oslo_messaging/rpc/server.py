"""Upstream's module of this name."""

from oslo_messaging_guest.server import RPCServer as RPCServer
from oslo_messaging_guest.server import get_rpc_server
from oslo_messaging_guest.serving import expected_exceptions, expose

__all__ = ['expected_exceptions', 'expose', 'get_rpc_server']
