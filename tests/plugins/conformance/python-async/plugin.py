"""Runs a script with the `async` client; see the world `conformance-async` in `tests/wit`."""

import asyncio
import json
from typing import Any

from oslo_messaging_guest.aio import get_rpc_client

from outcome import failed, ok
from script import Clients, is_raw, prepared, raw


async def run(script: str) -> str:
    """The export."""
    try:
        parsed = json.loads(script)
        clients = Clients(parsed['open'], get_rpc_client)
    except Exception as error:
        return json.dumps([failed(error)])
    return json.dumps([await _outcome(step, clients) for step in parsed.get('steps', [])])


async def _outcome(step: dict[str, Any], clients: Clients) -> dict[str, Any]:
    try:
        return ok(await _run(step, clients))
    except Exception as error:
        return failed(error)


async def _run(step: dict[str, Any], clients: Clients) -> Any:
    match step['op']:
        case 'call' | 'cast' as verb:
            return await _send(clients.find(step), verb, step)
        case 'concurrently':
            return await asyncio.gather(*(_outcome(inner, clients) for inner in step['steps']))
        case _:
            return clients.ask(step)


async def _send(client: Any, verb: str, message: dict[str, Any]) -> Any:
    client = prepared(client, message.get('settings', {}))
    if is_raw(message):
        reply = await getattr(client.prepare(), f'_{verb}')(*raw(message))
        return None if reply is None else json.loads(reply)
    return await getattr(client, verb)(
        message.get('context', {}), message['method'], **message.get('args', {}))
