"""A real oslo.messaging RPC server for the tests.

It prints `{"ready": true, ...}` when it listens and one JSON line for each invocation, and stops
when its standard input ends, which is also what happens when its parent dies.
"""

import argparse
import os
import sys
import threading
import time

import oslo_messaging

import peer
import peer_errors


class Endpoint:
    """The methods of the unnamed namespace."""

    target = oslo_messaging.Target(version='2.5')

    def __init__(self, server):
        self._server = server
        self._words = []
        self._texts = {}
        self._changed = threading.Condition()

    def append(self, ctxt, name, text, until=''):
        """Returns the text of that name, as soon as `until` is in it or five seconds are over."""
        self._invoked('append', ctxt, {'name': name, 'text': text})
        with self._changed:
            self._texts[name] = self._texts.get(name, '') + text
            self._changed.notify_all()
            self._changed.wait_for(lambda: until in self._texts[name], timeout=5)
            return self._texts[name]

    def echo(self, ctxt, **args):
        """Returns `value` when that is the only argument, and all of them otherwise."""
        self._invoked('echo', ctxt, args)
        return args['value'] if list(args) == ['value'] else args

    def add(self, ctxt, a, b):
        self._invoked('add', ctxt, {'a': a, 'b': b})
        return a + b

    def none(self, ctxt):
        self._invoked('none', ctxt)

    def boom(self, ctxt, resource='cores', limit=20):
        self._invoked('boom', ctxt, {'resource': resource, 'limit': limit})
        raise peer_errors.QuotaExceeded('quota exceeded', resource, limit=limit)

    def fail_value(self, ctxt):
        self._invoked('fail_value', ctxt)
        raise ValueError('boom', 42)

    @oslo_messaging.expected_exceptions(LookupError)
    def fail_expected(self, ctxt):
        self._invoked('fail_expected', ctxt)
        raise LookupError('no such thing')

    def sleep(self, ctxt, seconds):
        self._invoked('sleep', ctxt, {'seconds': seconds})
        time.sleep(seconds)
        return seconds

    def whoami(self, ctxt):
        self._invoked('whoami', ctxt)
        return self._server

    def context(self, ctxt):
        self._invoked('context', ctxt)
        return ctxt

    def remember(self, ctxt, word):
        self._invoked('remember', ctxt, {'word': word})
        with self._changed:
            self._words.append(word)
            self._changed.notify_all()

    def recall(self, ctxt, until=None):
        """Returns the words, as soon as `until` is among them or five seconds are over."""
        self._invoked('recall', ctxt)
        with self._changed:
            self._changed.wait_for(lambda: until in [None, *self._words], timeout=5)
            return list(self._words)

    def nan(self, ctxt):
        self._invoked('nan', ctxt)
        return float('nan')

    def infinity(self, ctxt):
        self._invoked('infinity', ctxt)
        return [float('inf'), float('-inf')]

    def big(self, ctxt):
        self._invoked('big', ctxt)
        return 2 ** 80

    def surrogate(self, ctxt):
        self._invoked('surrogate', ctxt)
        return 'lone \ud83d surrogate'

    def unserialisable(self, ctxt):
        """No JSON for this: the server sends no reply at all."""
        self._invoked('unserialisable', ctxt)
        return object()

    def large(self, ctxt, n):
        self._invoked('large', ctxt, {'n': n})
        return 'x' * n

    def exit(self, ctxt):
        """Not an Exception: the server sends no reply and goes on."""
        self._invoked('exit', ctxt)
        raise SystemExit(3)

    def _invoked(self, method, ctxt, args=None):
        peer.say(invoked=method, server=self._server, args=args or {}, context=ctxt)


class Namespaced:
    """The methods of the namespace `ns`."""

    target = oslo_messaging.Target(namespace='ns', version='1.1')

    def __init__(self, server):
        self._server = server

    def hello(self, ctxt, who):
        peer.say(invoked='ns.hello', server=self._server, args={'who': who}, context=ctxt)
        return f'hello {who}'


def serve(conf, url, exchange, topic, server, serializer=None):
    """Starts a server; its queues exist when this returns."""
    transport = oslo_messaging.get_rpc_transport(conf, url=url)
    target = oslo_messaging.Target(exchange=exchange, topic=topic, server=server)
    rpc_server = oslo_messaging.get_rpc_server(
        transport, target, [Endpoint(server), Namespaced(server)], executor='threading',
        serializer=serializer)
    rpc_server.start()
    return rpc_server


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--url', required=True)
    parser.add_argument('--topic', required=True)
    parser.add_argument('--server', required=True)
    parser.add_argument('--exchange')
    parser.add_argument('--marking', action='store_true', help='with the serializer `Marking`')
    parser.add_argument('--option', action='append', default=[], metavar='[GROUP.]NAME=VALUE')
    args = parser.parse_args()

    conf = peer.configure(['rpc_ping_enabled=true', *args.option])
    serializer = peer.Marking() if args.marking else None
    server = serve(conf, args.url, args.exchange, args.topic, args.server, serializer)
    peer.say(ready=True, topic=args.topic, server=args.server, pid=os.getpid())

    sys.stdin.read()

    def stop():
        server.stop()
        server.wait()

    # A method may still sleep, and nobody waits for it.
    stopping = threading.Thread(target=stop, daemon=True)
    stopping.start()
    stopping.join(5)
    os._exit(0)


if __name__ == '__main__':
    main()
