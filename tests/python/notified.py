"""A real oslo.messaging listener with `notified_endpoints`, which a plugin is compared with.

It prints `{"ready": true, ...}` when it listens, and ends when its standard input does.
"""

import argparse
import os
import sys

import oslo_messaging

import notified_endpoints
import peer


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--url', required=True)
    parser.add_argument('--topic', required=True)
    args = parser.parse_args()

    transport = oslo_messaging.get_notification_transport(peer.configure([]), url=args.url)
    listener = oslo_messaging.get_notification_listener(
        transport, [oslo_messaging.Target(topic=args.topic)],
        [notified_endpoints.Endpoint(transport)], executor='threading', allow_requeue=True)
    listener.start()
    peer.say(ready=True, pid=os.getpid())
    sys.stdin.read()
    os._exit(0)


if __name__ == '__main__':
    main()
