"""Mistakes of authors: each error names the thing, in Python's words."""

from typing import Any

import oslo_messaging_guest as messaging
from oslo_messaging_guest import aio

HALF = 'a\ud800b'


def client(**options: Any) -> messaging.RPCClient:
    return messaging.get_rpc_client(
        messaging.get_rpc_transport(), messaging.Target(topic='demo', version='1.5'), **options)


def of_target(**fields: Any) -> messaging.RPCClient:
    return messaging.get_rpc_client(messaging.get_rpc_transport(), messaging.Target(**fields))


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


def closed() -> None:
    with client() as one:
        pass
    one.call({}, 'echo', value=1)


def deep_reply() -> Any:
    """The SDK sends no such thing; a server may."""
    context = client().prepare()
    deep = '[' * 100_000 + ']' * 100_000
    return context._decode({}, context._call('{}', 'echo', f'{{"value": {deep}}}'))


class Numbers(messaging.NoOpSerializer):
    """Wants every result to be a number."""

    def deserialize_entity(self, ctxt: Any, entity: Any) -> int:
        return int(entity)


ATTEMPTS = [
    ('misspelt', lambda: client().prepare(timout=5)),  # type: ignore[call-arg]
    ('misspelt client', lambda: client(verison_cap='1.0')),
    ('bad version', lambda: client().prepare(version='5')),
    ('bad timeout', lambda: client(timeout='soon')),
    ('bad retry', lambda: client(retry=-2)),
    ('bad option', lambda: client(transport_options=True)),
    ('bad server', lambda: client().prepare(server=7).call({}, 'echo')),  # type: ignore[arg-type]
    ('half a server', lambda: client().prepare(server=HALF).call({}, 'echo')),
    ('bad topic', lambda: of_target(topic=7)),
    ('half a topic', lambda: of_target(topic=HALF)),
    ('bad method', lambda: client().call({}, 5)),  # type: ignore[arg-type]
    ('half a method', lambda: client().call({}, HALF)),
    ('half transport', lambda: messaging.get_rpc_client(
        messaging.get_rpc_transport(name=HALF), messaging.Target(topic='demo'))),
    ('half a value', lambda: client().call({}, 'echo', value=HALF)),
    ('monitor', lambda: client().prepare(call_monitor_timeout=1).call({}, 'echo', value=1)),
    ('not granted', lambda: messaging.get_rpc_client(
        messaging.get_rpc_transport(name='other'), messaging.Target(topic='demo'))),
    ('address', lambda: messaging.get_rpc_transport(None, 'rabbit://user:secret@host/')),
    ('no JSON', lambda: client().call({}, 'echo', value=1, other=object())),
    ('not a number', lambda: client().call({}, 'echo', value=[float('nan')])),
    ('no JSON context', lambda: client().call({'user': object()}, 'echo', value=1)),
    ('context', lambda: client().call(['user'], 'echo', value=1)),
    ('nested', lambda: len(str(client().call({}, 'echo', value=nested(50))))),
    ('nested deeply', lambda: client().call({}, 'echo', value=nested(300))),
    ('deep reply', deep_reply),
    ('reply', lambda: client(serializer=Numbers()).call({}, 'echo', value='hello')),
    ('no topic', lambda: client().prepare(topic=None).call({}, 'echo')),
    ('fanout', lambda: client().prepare(fanout=True).call({}, 'echo')),
    ('closed', closed),
    ('surface', lambda: aio.get_rpc_client(
        messaging.get_rpc_transport(), messaging.Target(topic='demo'))),
]
