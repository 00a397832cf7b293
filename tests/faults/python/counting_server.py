"""A real oslo.messaging RPC server that counts how often each request is executed.

It prints `{"ready": true}` when it listens. For each line of standard input it prints
`{"table": {id: [count, redelivered]}}`, and it stops when its standard input ends.
"""

import argparse
import os
import pathlib
import sys
import threading
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / 'python'))

import oslo_messaging  # noqa: E402
from oslo_messaging._drivers import amqp  # noqa: E402

import peer  # noqa: E402


def note_redelivery(cache, message):
    """Stands in for the server's own check, which forgives a client that sends the same message
    twice within sixteen. A referee does not. But what a broker delivers again, because the
    server's acknowledgement was lost with it, was not sent twice by the client."""
    message['args']['redelivered'] = bool(message._raw_message.delivery_info.get('redelivered'))
    return message.pop(amqp.UNIQUE_ID, None)


class Endpoint:
    target = oslo_messaging.Target(version='1.0')

    def __init__(self):
        self._lock = threading.Lock()
        self._counts = {}

    def count(self, ctxt, id, pause=0, redelivered=False):
        """Counts, takes its time, and returns the id."""
        with self._lock:
            self._counts.setdefault(id, [0, 0])[redelivered] += 1
        if pause:
            time.sleep(pause)
        return {'id': id}

    def table(self):
        with self._lock:
            return dict(self._counts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--url', required=True)
    parser.add_argument('--topic', required=True)
    parser.add_argument('--server', required=True)
    args = parser.parse_args()

    amqp._MsgIdCache.check_duplicate_message = note_redelivery
    conf = peer.configure(['executor_thread_pool_size=64',
                           'oslo_messaging_rabbit.amqp_durable_queues=true'])
    endpoint = Endpoint()
    transport = oslo_messaging.get_rpc_transport(conf, url=args.url)
    server = oslo_messaging.get_rpc_server(
        transport, oslo_messaging.Target(topic=args.topic, server=args.server), [endpoint],
        executor='threading')
    server.start()
    peer.say(ready=True)
    for _ in sys.stdin:
        peer.say(table=endpoint.table())
    os._exit(0)


if __name__ == '__main__':
    main()
