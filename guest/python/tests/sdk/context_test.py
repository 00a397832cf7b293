"""Contexts and clients are different classes, as upstream's are: subclasses rely on it."""

import asyncio
import unittest

import oslo_messaging_guest as messaging
from oslo_messaging_guest import aio, in_flight, testing


class Wrapper:
    """What a subclass returns from `prepare`."""

    def __init__(self, context, used):
        self.context = context
        self.used = used

    def call(self, ctxt, method, **kwargs):
        self.used.append(method)
        return self.context.call(ctxt, method, **kwargs)

    def __getattr__(self, name):
        return getattr(self.context, name)


class Wrapping(messaging.RPCClient):
    """A client whose contexts are wrapped."""

    used = []

    def prepare(self, *args, **kwargs):
        return Wrapper(super().prepare(*args, **kwargs), self.used)


class Contexts(unittest.TestCase):
    def setUp(self):
        self.transport = self.enterContext(testing.Transport())
        self.transport.server('compute').runs('echo', lambda ctxt, value=None: value)
        self.target = messaging.Target(topic='compute')

    def client(self, kind=messaging.RPCClient):
        return messaging.get_rpc_client(
            messaging.get_rpc_transport(), self.target, client_cls=kind)

    def test_a_call_goes_through_an_overridden_prepare(self):
        client = self.client(Wrapping)
        self.assertEqual(client.call({}, 'echo', value=7), 7)
        self.assertEqual(Wrapping.used, ['echo'])
        client.cast({}, 'echo')
        self.assertTrue(client.can_send_version('1.0'))
        self.assertEqual(client.call_all([client.request({}, 'echo', value=1)]), [1])

    def test_a_context_is_no_client_and_is_not_wrapped_again(self):
        context = self.client(Wrapping).prepare().context
        self.assertIs(type(context), messaging.CallContext)
        self.assertNotIsInstance(context, messaging.RPCClient)
        self.assertIs(type(context.prepare(timeout=1)), messaging.CallContext)

    def test_a_call_with_fanout_is_refused(self):
        with self.assertRaisesRegex(messaging.InvalidTarget, 'fanout'):
            self.client().prepare(fanout=True).call({}, 'echo')
        self.client().prepare(fanout=True).cast({}, 'echo')

    def test_calls_at_once_go_the_way_of_their_clients(self):
        self.transport.server('other').runs('echo', lambda ctxt, value=None: -value)
        one = self.client()
        other = one.prepare(topic='other')
        self.assertEqual(
            one.call_all([one.request({}, 'echo', value=1), other.request({}, 'echo', value=2)]),
            [1, -2])
        failing = one.prepare(topic='nobody').request({}, 'echo')
        with self.assertRaises(messaging.NoSuchTarget):
            one.call_all([failing, one.request({}, 'echo', value=1)])
        failed, right = one.call_all([failing, one.request({}, 'echo', value=1)],
                                     return_exceptions=True)
        self.assertIsInstance(failed, messaging.NoSuchTarget)
        self.assertEqual(right, 1)
        # What is assigned later does not change a request.
        context = one.prepare()
        request = context.request({}, 'echo', value=3)
        context.target = messaging.Target(topic='nobody')
        self.assertEqual(one.call_all([request]), [3])
        self.assertEqual(context.call_all([request]), [3])

    def test_what_was_made_before_there_was_a_host_fails_as_everything_does(self):
        self.transport.__exit__(None, None, None)
        try:
            transport = messaging.get_rpc_transport(name='other')
            client = messaging.get_rpc_client(transport, self.target)
            other = messaging.get_rpc_transport(name=7)
            half = messaging.get_rpc_transport(name='half \ud83d')
        finally:
            self.transport.__enter__()
        with self.assertRaises(messaging.AccessDenied):
            client.call_all([client.request({}, 'echo', value=1)])
        with self.assertRaises(messaging.AccessDenied):
            transport.conf.rpc_response_timeout
        with self.assertRaisesRegex(messaging.InvalidArgument, '`name` is a string, not 7'):
            other.conf.rpc_response_timeout
        with self.assertRaisesRegex(messaging.InvalidArgument, '`name` has a surrogate'):
            half.conf.rpc_response_timeout

    def test_what_is_no_list_of_modules_or_requests_is_named(self):
        for get in (messaging.get_rpc_transport, messaging.get_notification_transport):
            self.assertEqual(get(None, None, {'m'}).allowed_remote_exmods, ('m',))
            # As neutron_lib does it.
            self.assertEqual(get(None, None, [unittest, 'm']).allowed_remote_exmods, ('m',))
            for wrong, said in (('nova.exception', 'is a list of strings'), ([7], 'not 7')):
                with self.assertRaisesRegex(messaging.InvalidArgument, said) as caught:
                    get(None, None, wrong)
                self.assertEqual(caught.exception.argument, 'allowed_remote_exmods')
        with self.assertRaisesRegex(TypeError, "`requests`.*'echo'"):
            self.client().call_all(['echo'])

    def test_the_async_client_is_the_same(self):
        async def run():
            client = aio.get_rpc_client(messaging.get_rpc_transport(), self.target)
            client.timeout = 4
            values = await asyncio.gather(*(client.call({}, 'echo', value=n) for n in range(10)))
            await client.prepare(server='one').cast({}, 'echo')
            nobody, = await asyncio.gather(
                client.prepare(topic='nobody').call({}, 'echo'), return_exceptions=True)
            return values, nobody

        values, nobody = asyncio.run(run())
        self.assertEqual(values, list(range(10)))
        self.assertIsInstance(nobody, messaging.NoSuchTarget)
        self.assertEqual(self.transport.requests[0].timeout, 4)

    def test_a_call_that_is_cancelled_keeps_what_the_host_borrowed(self):
        transport = self.enterContext(testing.Transport('slow', real_time=True))
        transport.server('compute').returns('slow', 1, delay=0.05)

        async def run():
            client = aio.get_rpc_client(messaging.get_rpc_transport(name='slow'), self.target)
            context = client.prepare(server='one')
            task = asyncio.create_task(context.call({}, 'slow'))
            await asyncio.sleep(0.01)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            kept = list(in_flight._in_flight)
            self.assertEqual([it.done() for it in kept], [False])
            await aio.settle()
            self.assertEqual([it.result() for it in kept], ['1'])

        asyncio.run(run())


if __name__ == '__main__':
    unittest.main()
