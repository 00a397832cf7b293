"""Nothing keeps a client of the host that its owner let go: a plugin may have few of them open."""

import asyncio
import gc
import unittest
import weakref

import oslo_messaging_guest as messaging
from oslo_messaging_guest import aio, testing


class Cycles(unittest.TestCase):
    def setUp(self):
        gc.collect()
        gc.disable()
        self.addCleanup(gc.enable)
        self.transport = self.enterContext(testing.Transport())
        server = self.transport.server('compute')
        server.runs('echo', lambda ctxt, value=None: value)
        server.raises('fail', ValueError('no'))

    def check(self, use):
        client = messaging.get_rpc_client(
            messaging.get_rpc_transport(), messaging.Target(topic='compute', version='2.0'))
        kept = weakref.ref(client._host.raw())
        use(client)
        self.assertIsNotNone(kept())
        del client
        self.assertIsNone(kept())

    def raised(self, use):
        try:
            use()
        except Exception as error:
            return type(error).__name__

    def test_calls_and_casts(self):
        self.check(lambda client: client.prepare(server='one').call({}, 'echo'))
        self.check(lambda client: client.cast({}, 'echo'))
        self.check(lambda client: client.prepare(version_cap='1.0').can_send_version('2.0'))
        self.check(lambda client: client.prepare(timeout=1).describe())

    def test_calls_that_fail(self):
        for use, expected in (
                (lambda client: client.call({}, 'fail'), 'ValueError'),
                (lambda client: client.call({}, 'missing'), 'RemoteError'),
                (lambda client: client.call({}, 5), 'InvalidArgument'),
                (lambda client: client.call([], 'echo'), 'InvalidArgument'),
                (lambda client: client.prepare(topic='nobody').call({}, 'echo'), 'NoSuchTarget'),
                (lambda client: client.prepare(version_cap='5'), 'InvalidArgument'),
                (lambda client: client.prepare(version_cap='1.0').cast({}, 'e'),
                 'RPCVersionCapError'),
                (lambda client: client.can_send_version('5'), 'InvalidArgument'),
                (lambda client: client.prepare(timeout='5').describe(), 'InvalidArgument')):
            with self.subTest(expected):
                self.check(lambda client, use=use, expected=expected: self.assertEqual(
                    self.raised(lambda: use(client)), expected))

    def test_calls_at_once(self):
        def use(client):
            requests = [client.request({}, 'echo', value=1),
                        client.prepare(topic='nobody').request({}, 'echo')]
            self.assertEqual(client.call_all(requests[:1]), [1])
            results = client.call_all(requests, return_exceptions=True)
            self.assertIsInstance(results[1], messaging.NoSuchTarget)
            self.assertEqual(self.raised(lambda: client.call_all(requests)), 'NoSuchTarget')

        self.check(use)

    def test_async_calls(self):
        async def run():
            client = aio.get_rpc_client(
                messaging.get_rpc_transport(), messaging.Target(topic='compute'))
            kept = weakref.ref(client._host.raw())
            for use, expected in (
                    (lambda: client.call({}, 'echo', value=1), None),
                    (lambda: client.cast({}, 'echo'), None),
                    (lambda: client.call({}, 'fail'), 'ValueError'),
                    (lambda: client.prepare(topic='nobody').call({}, 'x'), 'NoSuchTarget'),
                    (lambda: client.prepare(retry='x').call({}, 'x'), 'InvalidArgument')):
                try:
                    await use()
                    came = None
                except Exception as error:
                    came = type(error).__name__
                self.assertEqual(came, expected)
            del client, use
            await asyncio.sleep(0)
            return kept

        kept = asyncio.run(run())
        self.assertIsNone(kept())


if __name__ == '__main__':
    unittest.main()
