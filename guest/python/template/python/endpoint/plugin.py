"""NAME: a plugin that serves a method."""

from typing import Any

import oslo_messaging_guest as messaging


class Endpoint:
    """Its methods are called by their names."""

    target = messaging.Target(version='1.0')

    @messaging.expected_exceptions(ZeroDivisionError)
    def divide(self, ctxt: dict[str, Any], a: float, b: float) -> float:
        return a / b


def server() -> messaging.RPCServer:
    """What the host serves; topic and server are for tests, the host has its own."""
    target = messaging.Target(topic='NAME', server='host-1')
    return messaging.get_rpc_server(messaging.get_rpc_transport(), target, [Endpoint()])
