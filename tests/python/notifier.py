"""A real oslo.messaging notifier for the tests, driven by JSON lines.

Each line of standard input is one notification, answered by one line with the same `id`:

    {"id": 1, "priority": "info", "event_type": "a.b", "payload": {"x": 1},
     "context": {"user": "alice"}}

`context` is that of an object with `redacted_copy`, which is what upstream sends anything of. The
notifier ends when its standard input does.
"""

import argparse
import json
import os
import sys

import oslo_messaging

import peer


class Context:
    """As oslo.context's, of which upstream sends what is left after the secrets."""

    def __init__(self, values):
        self._values = values

    def redacted_copy(self):
        return Context({k: v for k, v in self._values.items() if k != 'auth_token'})

    def to_dict(self):
        return self._values


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--url', required=True)
    parser.add_argument('--publisher')
    parser.add_argument('--driver', default='messagingv2')
    parser.add_argument('--topic', action='append')
    parser.add_argument('--option', action='append', default=[], metavar='[GROUP.]NAME=VALUE')
    args = parser.parse_args()

    conf = peer.configure(args.option)
    transport = oslo_messaging.get_notification_transport(conf, url=args.url)
    notifier = oslo_messaging.Notifier(
        transport, args.publisher, driver=args.driver, topics=args.topic)
    peer.say(ready=True, pid=os.getpid())
    for line in sys.stdin:
        request = json.loads(line)
        notify = getattr(notifier, request['priority'])
        notify(Context(request.get('context', {})), request['event_type'], request['payload'])
        peer.say(id=request.get('id'), sent=True)
    os._exit(0)


if __name__ == '__main__':
    main()
