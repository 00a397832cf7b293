"""Mistakes of authors: each error names the thing, in Python's words."""

from typing import Any

import oslo_messaging_guest as messaging
from oslo_messaging_guest import aio


def client(**options: Any) -> messaging.RPCClient:
    return messaging.get_rpc_client(
        messaging.get_rpc_transport(), messaging.Target(topic='demo', version='1.5'), **options)


class Numbers(messaging.NoOpSerializer):
    """Wants every result to be a number."""

    def deserialize_entity(self, ctxt: Any, entity: Any) -> int:
        return int(entity)


ATTEMPTS = [
    ('misspelt', lambda: client().prepare(timout=5)),  # type: ignore[call-arg]
    ('misspelt client', lambda: client(verison_cap='1.0')),
    ('bad version', lambda: client().prepare(version='5')),
    ('bad timeout', lambda: client().prepare(timeout='soon')),  # type: ignore[arg-type]
    ('bad retry', lambda: client().prepare(retry=-2)),
    ('bad option', lambda: client().prepare(transport_options=True)),  # type: ignore[arg-type]
    ('monitor', lambda: client().prepare(call_monitor_timeout=1).call({}, 'echo', value=1)),
    ('not granted', lambda: messaging.get_rpc_client(
        messaging.get_rpc_transport(name='other'), messaging.Target(topic='demo'))),
    ('address', lambda: messaging.get_rpc_transport(None, 'rabbit://user:secret@host/')),
    ('no JSON', lambda: client().call({}, 'echo', value=1, other=object())),
    ('not a number', lambda: client().call({}, 'echo', value=[float('nan')])),
    ('no JSON context', lambda: client().call({'user': object()}, 'echo', value=1)),
    ('context', lambda: client().call(['user'], 'echo', value=1)),
    ('reply', lambda: client(serializer=Numbers()).call({}, 'echo', value='hello')),
    ('no topic', lambda: client().prepare(topic=None).call({}, 'echo')),
    ('fanout', lambda: client().prepare(fanout=True).call({}, 'echo')),
    ('surface', lambda: aio.get_rpc_client(
        messaging.get_rpc_transport(), messaging.Target(topic='demo'))),
]
