"""Runs a script with the plain client; see the world `conformance` in `tests/wit`."""

import json
from typing import Any

from oslo_messaging_guest import get_rpc_client

from outcome import failed, ok
from script import Clients, is_raw, prepared, raw


def run(script: str) -> str:
    """The export."""
    try:
        parsed = json.loads(script)
        clients = Clients(parsed['open'], get_rpc_client)
    except Exception as error:
        return json.dumps([failed(error)])
    return json.dumps([_outcome(step, clients) for step in parsed.get('steps', [])])


def _outcome(step: dict[str, Any], clients: Clients) -> dict[str, Any]:
    try:
        return ok(_run(step, clients))
    except Exception as error:
        return failed(error)


def _run(step: dict[str, Any], clients: Clients) -> Any:
    match step['op']:
        case 'call' | 'cast' as verb:
            return _send(clients.find(step), verb, step)
        case 'call-all':
            return _call_all(clients, step)
        case _:
            return clients.ask(step)


def _send(client: Any, verb: str, message: dict[str, Any]) -> Any:
    client = prepared(client, message.get('settings', {}))
    if is_raw(message):
        reply = getattr(client.prepare(), f'_{verb}')(*raw(message))
        return None if reply is None else json.loads(reply)
    return getattr(client, verb)(
        message.get('context', {}), message['method'], **message.get('args', {}))


def _call_all(clients: Clients, step: dict[str, Any]) -> list[Any]:
    client = clients.find(step)
    requests = []
    for message in step['requests']:
        sender = clients.find(message) if 'client' in message else client
        requests.append(prepared(sender, message.get('settings', {})).request(
            message.get('context', {}), message['method'], **message.get('args', {})))
    results = client.call_all(requests, return_exceptions=True)
    return [failed(result) if isinstance(result, Exception) else ok(result) for result in results]
