"""A real oslo.messaging notification listener for the tests.

It prints `{"ready": true}` when it listens and one JSON line for each notification that an endpoint is
given, and stops when its standard input ends. `--requeue N` wants the first N requeued.

`--filter` is a JSON object of keyword arguments of `NotificationFilter`. With `--match`, it listens to
nothing: each line of standard input is a JSON list of a filter's arguments and of those of `match`,
answered by whether it matches.
"""

import argparse
import json
import os
import sys
import threading

import oslo_messaging

import peer

PRIORITIES = ('audit', 'debug', 'info', 'warn', 'error', 'critical', 'sample')


# What was kept may come before it is said that the listener is ready.
ready = threading.Event()


def endpoint(priorities, filter_rule, requeue):
    """An endpoint with a method for each of the priorities."""
    left = requeue

    def method(priority):
        def handle(ctxt, publisher_id, event_type, payload, metadata):
            nonlocal left
            ready.wait()
            peer.say(notified=priority, context=ctxt, publisher_id=publisher_id,
                     event_type=event_type, payload=payload, metadata=metadata)
            if left > 0:
                left -= 1
                return oslo_messaging.NotificationResult.REQUEUE
            return oslo_messaging.NotificationResult.HANDLED
        return handle

    made = type('Endpoint', (), {})()
    for priority in priorities:
        setattr(made, priority, method(priority))
    if filter_rule is not None:
        made.filter_rule = oslo_messaging.NotificationFilter(**filter_rule)
    return made


def match():
    peer.say(ready=True)
    for line in sys.stdin:
        rules, notification = json.loads(line)
        peer.say(matches=oslo_messaging.NotificationFilter(**rules).match(**notification))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--url')
    parser.add_argument('--topic', action='append')
    parser.add_argument('--exchange')
    parser.add_argument('--pool')
    parser.add_argument('--priority', action='append', choices=PRIORITIES)
    parser.add_argument('--filter', type=json.loads)
    parser.add_argument('--requeue', type=int, default=0)
    parser.add_argument('--match', action='store_true')
    parser.add_argument('--option', action='append', default=[], metavar='[GROUP.]NAME=VALUE')
    args = parser.parse_args()

    if args.match:
        match()
        return
    conf = peer.configure(args.option)
    transport = oslo_messaging.get_notification_transport(conf, url=args.url)
    targets = [oslo_messaging.Target(exchange=args.exchange, topic=topic) for topic in args.topic]
    endpoints = [endpoint(args.priority or PRIORITIES, args.filter, args.requeue)]
    listener = oslo_messaging.get_notification_listener(
        transport, targets, endpoints, executor='threading', allow_requeue=args.requeue > 0,
        pool=args.pool)
    listener.start()
    peer.say(ready=True, pid=os.getpid())
    ready.set()

    sys.stdin.read()

    def stop():
        listener.stop()
        listener.wait()

    stopping = threading.Thread(target=stop, daemon=True)
    stopping.start()
    stopping.join(5)
    os._exit(0)


if __name__ == '__main__':
    main()
