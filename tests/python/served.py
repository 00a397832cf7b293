"""A real oslo.messaging server of `served_endpoints`, which a plugin is compared with.

It prints `{"ready": true, ...}` when it listens, and ends when its standard input does.
"""

import argparse
import os
import sys

import oslo_messaging

import peer
import served_endpoints


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--url', required=True)
    parser.add_argument('--topic', required=True)
    parser.add_argument('--server', required=True)
    args = parser.parse_args()

    conf = peer.configure(['rpc_ping_enabled=true'])
    transport = oslo_messaging.get_rpc_transport(conf, url=args.url)
    endpoints = [served_endpoints.Endpoint(transport, lambda: args.server),
                 served_endpoints.Named(), served_endpoints.Second()]
    server = oslo_messaging.get_rpc_server(
        transport, oslo_messaging.Target(topic=args.topic, server=args.server), endpoints,
        executor='threading')
    server.start()
    peer.say(ready=True, pid=os.getpid())
    sys.stdin.read()
    os._exit(0)


if __name__ == '__main__':
    main()
