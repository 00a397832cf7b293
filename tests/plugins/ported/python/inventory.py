"""A client as services write them: a class around oslo.messaging's RPCClient.

The marked line is all that differs between a service's file and a plugin's.
"""

import datetime
import gc
import zoneinfo

import oslo_messaging_guest as messaging  # the import


class InventoryAPI:
    """The methods of the server in `tests/python/server.py`."""

    def __init__(self, transport, topic):
        target = messaging.Target(topic=topic, version='2.0')
        self._client = messaging.get_rpc_client(transport, target, timeout=20)

    def add(self, ctxt, a, b):
        return self._client.call(ctxt, 'add', a=a, b=b)

    def echo(self, ctxt, value):
        cctxt = self._client.prepare(version='2.5')
        return cctxt.call(ctxt, 'echo', value=value)

    def whoami(self, ctxt, server):
        return self._client.prepare(server=server).call(ctxt, 'whoami')

    def sleep(self, ctxt, seconds, timeout):
        cctxt = self._client.prepare(timeout=timeout)
        return cctxt.call(ctxt, 'sleep', seconds=seconds)

    def hello(self, ctxt, who):
        cctxt = self._client.prepare(namespace='ns', version='1.1')
        return cctxt.call(ctxt, 'hello', who=who)

    def fail_value(self, ctxt):
        return self._client.call(ctxt, 'fail_value')

    def boom(self, ctxt):
        return self._client.call(ctxt, 'boom', resource='disks', limit=3)

    def missing(self, ctxt):
        return self._client.call(ctxt, 'no_such_method')

    def remember(self, ctxt, word):
        self._client.prepare(fanout=True).cast(ctxt, 'remember', word=word)

    def capped(self, ctxt):
        cctxt = self._client.prepare(version_cap='2.0', version='2.5')
        if not cctxt.can_send_version('2.5'):
            print('the cap does not admit 2.5')
        return cctxt.call(ctxt, 'none')

    def ping(self, ctxt):
        # Names that begin with `amq.` are the broker's own: it refuses to take the message.
        cctxt = self._client.prepare(exchange='amq.inventory', retry=0)
        try:
            cctxt.cast(ctxt, 'ping')
        except messaging.MessageDeliveryFailure:
            print('failed to send the ping message')


def run(transport, topic):
    """Uses all of it and prints what comes of it."""
    api = InventoryAPI(transport, topic)
    ctxt = {'user': 'me', 'roles': ['admin', None]}
    print('add', api.add(ctxt, 40, 2))
    print('echo', api.echo(ctxt, {'text': 'caf\xe9', 'list': [1, 2.5, None, True]}))
    print('whoami', api.whoami(ctxt, 's1'))
    print('hello', api.hello(ctxt, 'bob'))
    print('remember', api.remember(ctxt, 'word'))
    attempt('sleep', lambda: api.sleep(ctxt, seconds=1.5, timeout=0.5))
    attempt('boom', lambda: api.boom(ctxt))
    attempt('missing', lambda: api.missing(ctxt))
    attempt('capped', lambda: api.capped(ctxt))
    attempt('fanout', lambda: api._client.prepare(fanout=True).call(ctxt, 'none'))
    attempt('version', lambda: api._client.prepare(version='2'))
    try:
        print('fail_value', api.fail_value(ctxt))
    except ValueError as error:
        print('fail_value raised ValueError', error.args[1:])
    api.ping(ctxt)
    dates(ctxt, api)


def dates(ctxt, api):
    """What is collected must not be what dates are computed with."""
    gc.collect()
    day = datetime.timedelta(days=1)
    noon = datetime.datetime(2028, 2, 28, 12, tzinfo=datetime.timezone.utc)
    print('dates', datetime.timedelta(0), day * 2, noon + day, (noon + day).strftime('%j'))
    print('sent', api.echo(ctxt, [noon, noon.date()]))
    try:
        zoneinfo.ZoneInfo('No/Where')
    except zoneinfo.ZoneInfoNotFoundError as error:
        print('zone', error)
    age = datetime.datetime.now(datetime.timezone.utc) - noon
    print('now', age > -100000 * day, datetime.datetime.now().tzinfo)


def attempt(name, function):
    """Prints a result, or an exception's class and what its callers look at."""
    try:
        print(name, function())
    except messaging.RemoteError as error:
        print(name, 'raised RemoteError', error.exc_type, error.value)
    except messaging.RPCVersionCapError as error:
        print(name, 'raised RPCVersionCapError', error.version, error.version_cap)
    except messaging.InvalidTarget as error:
        print(name, 'raised InvalidTarget', error.target)
    except messaging.MessagingTimeout:
        print(name, 'raised MessagingTimeout')
    except messaging.MessagingException as error:
        print(name, 'raised', isinstance(error, messaging.MessagingException))
