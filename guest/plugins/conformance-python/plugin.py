"""Runs a script with the plain client; see the world `conformance` in `tests/wit`."""

import json
from typing import Any

from oslo_messaging_guest import get_rpc_client, remaining

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
        case 'prepare':
            return clients.prepare(step)
        case 'drop':
            return clients.drop(step)
        case 'call':
            return _send(clients.find(step), 'call', step)
        case 'cast':
            return _send(clients.find(step), 'cast', step)
        case 'call-all':
            return _call_all(clients.find(step), step['requests'])
        case 'can-send-version':
            version = step.get('version')
            client = clients.find(step)
            return client.can_send_version() if version is None else client.can_send_version(version)
        case 'remaining':
            left = remaining()
            return None if left is None else round(left * 1_000_000_000)
        case other:
            raise ValueError(f'`{other}` is not for `conformance`')


def _send(client: Any, verb: str, message: dict[str, Any]) -> Any:
    client = prepared(client, message.get('settings', {}))
    if is_raw(message):
        with client._errors():
            reply = getattr(client._raw, verb)(*raw(message))
        return None if reply is None else json.loads(reply)
    return getattr(client, verb)(
        message.get('context', {}), message['method'], **message.get('args', {}))


def _call_all(client: Any, messages: list[dict[str, Any]]) -> list[Any]:
    requests = [
        prepared(client, message.get('settings', {})).request(
            message.get('context', {}), message['method'], **message.get('args', {}))
        for message in messages]
    results = client.call_all(requests, return_exceptions=True)
    return [failed(result) if isinstance(result, Exception) else ok(result) for result in results]
