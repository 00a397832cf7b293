"""A transport for the tests of a plugin, which run natively and need no component and no broker.

::

    from oslo_messaging_guest import testing

    def test_the_plugin_finds_room():
        with testing.Transport() as transport:
            compute = transport.server('compute', server='host-1')
            compute.returns('free_memory', 512)
            assert plugin.find_room(256) == 'host-1'
        assert transport.requests[0].args == {'unit': 'MiB'}

Everything between a plugin and its host is the real thing: settings are checked, texts are JSON,
errors are made of what a host says. Delays take no time unless asked for.

`RealTransport` does the same over the real oslo.messaging, where that is installed.
"""

from .alias import use_alias
from .notifier import Notified
from .played import Request, Transport
from .real import RealTransport
from .server import Server

__all__ = ['Notified', 'RealTransport', 'Request', 'Server', 'Transport', 'use_alias']
