"""A real oslo.messaging RPC client for the tests, driven by JSON lines.

Each line of standard input is one request, answered by one line with the same `id`:

    {"id": 1, "op": "call", "target": {"topic": "t"}, "client": {"timeout": 5},
     "prepare": {"version": "1.1"}, "context": {}, "method": "echo", "args": {"value": 1}}

`op` is `call`, `cast` or `can_send_version` (then with `version`). `client` and `prepare` hold
keyword arguments of `get_rpc_client` and `prepare`; `at_least_once` may stand in either. With
`args_text` in the place of `args` they are a JSON text, and with `as_text` the answer has the result
as one: who reads numbers as floats does not see all digits. Requests run at the same time, each in a
thread. The client ends when its standard input does.
"""

import argparse
import json
import os
import sys
import threading
import time

import oslo_messaging

import peer


def keywords(given):
    given = dict(given or {})
    if 'at_least_once' in given:
        given['transport_options'] = oslo_messaging.TransportOptions(
            at_least_once=given.pop('at_least_once'))
    return given


def perform(transport, serializer, request):
    target = oslo_messaging.Target(**request.get('target', {}))
    client = oslo_messaging.get_rpc_client(
        transport, target, serializer=serializer, **keywords(request.get('client')))
    if 'prepare' in request:
        client = client.prepare(**keywords(request['prepare']))
    if request['op'] == 'can_send_version':
        return client.can_send_version(**{k: request[k] for k in ('version',) if k in request})
    if request['op'] not in ('call', 'cast'):
        raise ValueError(f'no such op: {request["op"]}')
    send = getattr(client, request['op'])
    args = json.loads(request['args_text']) if 'args_text' in request else request.get('args', {})
    return send(request.get('context', {}), request['method'], **args)


def answer(transport, serializer, request):
    started = time.monotonic()
    try:
        outcome = {'result': perform(transport, serializer, request)}
        if request.get('as_text'):
            outcome = {'result_text': json.dumps(outcome['result'])}
        try:
            json.dumps(outcome, allow_nan=False)
        except ValueError:
            outcome = {'result_repr': repr(outcome['result'])}
    except Exception as error:
        outcome = {'error': {
            'class': type(error).__name__,
            'module': type(error).__module__,
            'message': str(error),
            'args': [arg if isinstance(arg, (str, int, float, bool)) else repr(arg)
                     for arg in error.args],
            # Of a RemoteError: the class that was raised on the other side.
            'remote_type': getattr(error, 'exc_type', None),
            'remote_value': getattr(error, 'value', None),
        }}
    peer.say(id=request.get('id'), elapsed=time.monotonic() - started, **outcome)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--url', required=True)
    parser.add_argument('--allow', action='append', default=[], metavar='MODULE',
                        help='a module whose exceptions may be re-created')
    parser.add_argument('--marking', action='store_true', help='with the serializer `Marking`')
    parser.add_argument('--option', action='append', default=[], metavar='[GROUP.]NAME=VALUE')
    args = parser.parse_args()

    conf = peer.configure(args.option)
    transport = oslo_messaging.get_rpc_transport(
        conf, url=args.url, allowed_remote_exmods=args.allow)
    serializer = peer.Marking() if args.marking else None
    peer.say(ready=True, pid=os.getpid())
    for line in sys.stdin:
        threading.Thread(
            target=answer, args=(transport, serializer, json.loads(line)), daemon=True).start()
    os._exit(0)


if __name__ == '__main__':
    main()
