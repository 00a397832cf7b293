"""Upstream's module of this name."""

from oslo_messaging_guest.server import RPCServer, get_rpc_server
from oslo_messaging_guest.serving import expected_exceptions, expose

__all__ = ['RPCServer', 'expected_exceptions', 'expose', 'get_rpc_server']
