"""Serves the endpoints of `tests/python/served_endpoints.py`, whose file is the one of a service, and
more of its own."""

import oslo_messaging

import failing
import served_endpoints
from oslo_messaging_guest import current_request


def server() -> oslo_messaging.rpc.server.RPCServer:
    """What the host serves."""
    transport = oslo_messaging.get_rpc_transport(None)
    endpoints = [failing.Endpoint(transport, lambda: current_request().served_by.server),
                 served_endpoints.Named(), served_endpoints.Second()]
    return oslo_messaging.get_rpc_server(transport, oslo_messaging.Target(), endpoints)
