"""Captures golden messages: what real oslo.messaging clients and servers hand to AMQP.

Every message is recorded at py-amqp's publish, where its body is final bytes and the mandatory
flag, which a receiver cannot see, is still there. `cargo xtask capture` runs this against a
private broker.
"""

import argparse
import base64
import json
import os
import pathlib
import threading
import time

import amqp.channel
import oslo_messaging

import peer
import server as peer_server

TOPIC = 'golden'
SERVER = 's1'
CONTEXT = {'user': 'alice', 'request_id': 'req-1', 'is_admin': True, 'roles': ['a', 'b']}


class Recorder:
    """Sees every publish of this process."""

    def __init__(self):
        self._published = []
        self._changed = threading.Condition()
        publish = amqp.channel.Channel._basic_publish

        def recording(channel, msg, exchange='', routing_key='', mandatory=False,
                      immediate=False, *args, **kwargs):
            with self._changed:
                self._published.append({
                    'exchange': exchange,
                    'routing_key': routing_key,
                    'mandatory': bool(mandatory),
                    'immediate': bool(immediate),
                    'properties': describe(msg.properties),
                    'properties_hex': msg._serialize_properties().hex(),
                    'body': bytes(msg.body if isinstance(msg.body, bytes) else msg.body.encode()),
                })
                self._changed.notify_all()
            return publish(channel, msg, exchange, routing_key, mandatory, immediate,
                           *args, **kwargs)

        amqp.channel.Channel._basic_publish = recording
        amqp.channel.Channel.basic_publish = recording

    def during(self, action, count):
        """What was published by `action`, which sends `count` messages in all."""
        with self._changed:
            self._published.clear()
        action()
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._published) >= count, timeout=20):
                raise SystemExit(f'{len(self._published)} messages instead of {count}')
            return list(self._published[:count])


def describe(properties):
    described = dict(properties)
    described['headers'] = described.pop('application_headers', None)
    return {name: value for name, value in sorted(described.items()) if value is not None}


class Capture:
    def __init__(self, conf, url, folder):
        self._conf = conf
        self._url = url
        self._folder = folder
        self._recorder = Recorder()
        # Tracebacks name files of this machine.
        self._replaced = [
            (str(pathlib.Path(oslo_messaging.__file__).parent.parent), '/site-packages'),
            (str(pathlib.Path(__file__).resolve().parent), '/peers'),
        ]

    def client(self, query='', target=None, **settings):
        transport = oslo_messaging.get_rpc_transport(self._conf, url=self._url + query)
        target = target or oslo_messaging.Target(topic=TOPIC, version='2.0')
        return oslo_messaging.get_rpc_client(transport, target, **settings)

    def take(self, names, action):
        """Runs `action` and writes the messages it causes; a name of None is not kept."""
        def forgiving():
            try:
                action()
            except Exception as error:
                print(f'  {type(error).__name__} is what the caller sees', flush=True)

        for name, message in zip(names, self._recorder.during(forgiving, len(names))):
            if name:
                self._write(name, message)

    def _write(self, name, message):
        body = message.pop('body')
        sender = 'server' if message['exchange'] == '' else 'client'
        golden = {'name': name, 'sender': sender, **message}
        if 'compression' in message['properties'].get('headers', {}):
            golden['body_base64'] = base64.b64encode(body).decode()
        else:
            text = body.decode()
            for machine, neutral in self._replaced:
                text = text.replace(machine, neutral)
            golden['body'] = text
        path = self._folder / f'{name}.json'
        path.write_text(json.dumps(golden, indent=2, sort_keys=True) + '\n')
        print(name, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--url', required=True)
    parser.add_argument('--folder', required=True, type=pathlib.Path)
    args = parser.parse_args()
    conf = peer.configure(['rpc_ping_enabled=true'])
    capture = Capture(conf, args.url, args.folder)
    for old in args.folder.glob('*.json'):
        old.unlink()

    peer_server.serve(conf, args.url, None, TOPIC, SERVER)
    peer.say = lambda **line: None
    plain(capture)
    failures(capture)
    values(capture)
    for method in ('gzip', 'bzip2'):
        compressed(capture, conf, args.url, method)
    os._exit(0)


def plain(capture):
    client = capture.client()
    values = {'a': 1, 'b': 'é☃😀', 'n': None, 'l': [1, 2], 'd': {'x': 1.5}}
    take = capture.take
    take(['call', 'reply'], lambda: client.call(CONTEXT, 'echo', **values))
    take([None, 'reply-none'], lambda: client.call({}, 'none'))
    take(['cast-topic'], lambda: client.cast(CONTEXT, 'echo', a=1))
    take(['cast-server'], lambda: client.prepare(server=SERVER).cast(CONTEXT, 'echo', a=2))
    take(['cast-fanout'], lambda: client.prepare(fanout=True).cast(CONTEXT, 'echo', a=3))
    take(['call-server', None], lambda: client.prepare(server=SERVER).call({}, 'whoami'))
    take(['call-namespace', 'reply-namespace'],
         lambda: client.prepare(namespace='ns', version='1.0').call({}, 'hello', who='bob'))
    take(['call-no-version', None], lambda: capture.client(
        target=oslo_messaging.Target(topic=TOPIC)).call({}, 'oslo_rpc_server_ping'))
    take(['call-empty-args', None], lambda: client.call({}, 'echo'))
    nested = {'user': {'id': 7, 'tags': ['x', {'y': None}]}, 'unicode ☃': 'ü', 'trace.parent': '1'}
    take(['call-nested-context', 'reply-nested-context'], lambda: client.call(nested, 'context'))
    mandatory = oslo_messaging.TransportOptions(at_least_once=True)
    take(['call-at-least-once', None],
         lambda: client.prepare(transport_options=mandatory).call({}, 'none'))
    monitored = client.prepare(timeout=30, call_monitor_timeout=2)
    take(['call-monitored', 'heartbeat', None, 'reply-after-heartbeats'],
         lambda: monitored.call({}, 'sleep', seconds=2.5))


def failures(capture):
    client = capture.client()
    take = capture.take
    take(['call-failing', 'reply-failure-builtin'], lambda: client.call(CONTEXT, 'fail_value'))
    take([None, 'reply-failure-custom'], lambda: client.call({}, 'boom'))
    take([None, 'reply-failure-expected'], lambda: client.call({}, 'fail_expected'))
    take(['call-unsupported-version', 'reply-unsupported-version'],
         lambda: client.prepare(version='2.9').call({}, 'echo'))
    take([None, 'reply-unknown-namespace'],
         lambda: client.prepare(namespace='nowhere').call({}, 'echo'))
    take([None, 'reply-no-such-method'], lambda: client.call({}, 'nosuch'))


def values(capture):
    client = capture.client()
    for name, method in (('nan', 'nan'), ('infinity', 'infinity'), ('surrogate', 'surrogate'),
                         ('big-integer', 'big')):
        capture.take([None, f'reply-{name}'], lambda method=method: client.call({}, method))


def compressed(capture, conf, url, method):
    topic = f'{TOPIC}-{method}'
    query = f'?kombu_compression={method}'
    peer_server.serve(conf, url + query, None, topic, SERVER)
    client = capture.client(query, oslo_messaging.Target(topic=topic, version='2.0'))
    text = 'compress me, ' * 20
    capture.take([f'call-{method}', f'reply-{method}'],
                 lambda: client.call(CONTEXT, 'echo', value=text))
    # A server goes on consuming; give its last acknowledgement time to leave.
    time.sleep(0.1)


if __name__ == '__main__':
    main()
