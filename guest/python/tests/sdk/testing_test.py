"""The transport for tests, played and over the real oslo.messaging."""

import importlib.util
import threading
import unittest

import oslo_messaging_guest as messaging
from oslo_messaging_guest import testing


def client(topic='compute', name='default', **target):
    return messaging.get_rpc_client(
        messaging.get_rpc_transport(name=name), messaging.Target(topic=topic, **target))


class Played(unittest.TestCase):
    def test_what_was_sent_is_remembered(self):
        with testing.Transport() as transport:
            transport.server('compute', server='host-1').returns('free', 512)
            self.assertEqual(client(server='host-1').call({'user': 'me'}, 'free', unit='MiB'), 512)
        request, = transport.requests
        self.assertEqual((request.method, request.args, request.context, request.is_cast),
                         ('free', {'unit': 'MiB'}, {'user': 'me'}, False))
        self.assertEqual(request.target.server, 'host-1')

    def test_delays_take_no_time_and_end_calls(self):
        with testing.Transport() as transport:
            transport.server('compute').returns('slow', 1, delay=5)
            self.assertEqual(client().call({}, 'slow'), 1)
            with self.assertRaises(messaging.MessagingTimeout) as caught:
                client().prepare(timeout=4).call({}, 'slow')
            self.assertEqual(caught.exception.limit, 4)
            self.assertEqual(transport.waited, 9)

    def test_servers_answer_for_their_namespace_and_version(self):
        with testing.Transport() as transport:
            transport.server('compute', version='1.5').returns('it', 'plain')
            transport.server('compute', namespace='ns', version='2.0').returns('it', 'ns')
            self.assertEqual(client(version='1.4').call({}, 'it'), 'plain')
            self.assertEqual(client(namespace='ns', version='2.0').call({}, 'it'), 'ns')
            for wrong in ({'version': '1.6'}, {'namespace': 'other'}):
                with self.assertRaises(messaging.RemoteError) as caught:
                    client(**wrong).call({}, 'it')
                self.assertEqual(caught.exception.exc_type, 'UnsupportedVersion')

    def test_transports_have_names(self):
        with testing.Transport() as one, testing.Transport('other') as other:
            one.server('compute').returns('which', 'one')
            other.server('compute').returns('which', 'other')
            self.assertEqual(client().call({}, 'which'), 'one')
            self.assertEqual(client(name='other').call({}, 'which'), 'other')
            self.assertEqual(messaging.transports(), ['default', 'other'])
            with self.assertRaises(RuntimeError):
                testing.Transport('other').__enter__()

    def test_a_fanout_reaches_every_server(self):
        heard = []
        with testing.Transport() as transport:
            for name in ('one', 'two'):
                transport.server('compute', server=name).runs(
                    'hear', lambda ctxt, name=name: heard.append(name))
            client(fanout=True).cast({}, 'hear')
        self.assertEqual(heard, ['one', 'two'])

    def test_a_call_without_a_topic_is_refused(self):
        with testing.Transport(), self.assertRaises(messaging.InvalidTarget):
            client(topic=None).call({}, 'it')


@unittest.skipUnless(importlib.util.find_spec('oslo_messaging'), 'oslo.messaging is not installed')
class Real(unittest.TestCase):
    def test_the_real_one_sends(self):
        import oslo_messaging

        class Endpoint:
            target = oslo_messaging.Target(version='1.5')

            def echo(self, ctxt, value):
                return [ctxt['user'], value]

            def fail(self, ctxt):
                raise ValueError('no', 7)

            def special(self, ctxt):
                raise LookupError

        with testing.RealTransport('fake://') as transport:
            server = oslo_messaging.get_rpc_server(
                transport.transport, oslo_messaging.Target(topic='compute', server='one'),
                [Endpoint()], executor='threading')
            server.start()
            try:
                compute = client(version='1.2')
                self.assertEqual(compute.call({'user': 'me'}, 'echo', value={'a': None}),
                                 ['me', {'a': None}])
                with self.assertRaises(ValueError) as caught:
                    compute.call({}, 'fail')
                self.assertEqual(caught.exception.__cause__.remote_args, ['no', 7])
                with self.assertRaises(messaging.RemoteError) as caught:
                    compute.call({}, 'missing')
                self.assertEqual(caught.exception.exc_type, 'NoSuchMethod')
                with self.assertRaises(messaging.MessagingTimeout):
                    client('nobody').prepare(timeout=0.2).call({}, 'echo')
                with self.assertRaises(messaging.InvalidArgument):
                    compute.call({}, 5)
            finally:
                server.stop()
                server.wait()
        self.assertEqual(threading.active_count(), 1)


if __name__ == '__main__':
    unittest.main()
