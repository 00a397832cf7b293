"""neutron_lib.rpc: a subclass of RPCClient that sets the timeout of each call."""

import logging
import unittest
from unittest import mock

import oslo_messaging
from neutron_lib import context, exceptions, rpc
from oslo_config import cfg

from oslo_messaging_guest import Outcome, outcome_of, testing


class NeutronLib(unittest.TestCase):
    def setUp(self):
        logging.getLogger('neutron_lib').setLevel(logging.CRITICAL)
        self.transport = self.enterContext(testing.Transport())
        # Its contexts ask for a policy, which is configured there.
        cfg.CONF([], project='neutron', default_config_files=[])
        conf = cfg.ConfigOpts()
        conf([])
        conf.register_opt(cfg.IntOpt('rpc_response_max_timeout', default=600))
        conf.set_default('rpc_response_max_timeout', 150)
        rpc.init(conf)
        self.addCleanup(rpc.cleanup)
        self.naps = []
        self.enterContext(mock.patch('time.sleep', self.naps.append))
        self.ctxt = context.Context('user', 'project')

    def test_the_transport_has_the_options_that_it_registers(self):
        self.assertEqual(rpc.TRANSPORT.conf.rpc_response_timeout, 60)
        self.assertEqual(rpc.TRANSPORT.conf.rpc_response_max_timeout, 150)

    def test_timeouts_back_off_method_by_method(self):
        server = self.transport.server('q-plugin')
        server.returns('slow', 'done', delay=100)
        server.returns('fast', 'done')
        client = rpc.get_client(oslo_messaging.Target(topic='q-plugin', version='1.0'))
        self.assertIsInstance(client, rpc.BackingOffClient)
        with self.assertRaises(oslo_messaging.MessagingTimeout):
            client.call(self.ctxt, 'slow')
        # Sixty seconds were not enough, 120 are.
        self.assertEqual(client.call(self.ctxt, 'slow'), 'done')
        self.assertEqual(client.call(self.ctxt, 'fast'), 'done')
        self.assertEqual([it.timeout for it in self.transport.requests], [60, 120, 60])
        self.assertEqual(len(self.naps), 1)
        # Never above the maximum.
        server.returns('slow', 'done', delay=1000)
        for _ in range(3):
            with self.assertRaises(oslo_messaging.MessagingTimeout):
                client.prepare(version='1.0').call(self.ctxt, 'slow')
        self.assertEqual([it.timeout for it in self.transport.requests[3:]], [120, 150, 150])
        # And not where the caller says how long.
        with self.assertRaises(oslo_messaging.MessagingTimeout):
            client.prepare(timeout=5).call(self.ctxt, 'slow')
        self.assertEqual(self.transport.requests[-1].timeout, 5)

    def test_nobody_backs_off_too(self):
        client = rpc.get_client(oslo_messaging.Target(topic='nobody', version='1.0'))
        with self.assertRaises(oslo_messaging.MessagingTimeout) as caught:
            client.call(self.ctxt, 'slow')
        self.assertIs(outcome_of(caught.exception), Outcome.NOT_EXECUTED)
        self.assertEqual(rpc._BackingOffContextWrapper._METHOD_TIMEOUTS['slow'], 120)

    def test_contexts_and_exceptions_are_its_own(self):
        server = self.transport.server('q-plugin')
        server.runs('who', lambda ctxt: [ctxt['user_id'], ctxt['project_id']])
        server.raises('fail', exceptions.NetworkNotFound(net_id='n1'))
        client = rpc.get_client(oslo_messaging.Target(topic='q-plugin', version='1.0'))
        self.assertEqual(client.call(self.ctxt, 'who'), ['user', 'project'])
        with self.assertRaises(Exception) as caught:
            client.call(self.ctxt, 'fail')
        self.assertIs(outcome_of(caught.exception), Outcome.EXECUTED)
        self.assertIn('n1', str(caught.exception))
        client.cast(self.ctxt, 'who')

    def test_servers_have_its_contexts(self):
        class Endpoint:
            def who(self, ctxt):
                return [type(ctxt) is context.Context, ctxt.user_id]

        self.transport.serve(rpc.get_server(oslo_messaging.Target(topic='t', server='s'), [Endpoint()]))
        client = rpc.get_client(oslo_messaging.Target(topic='t'))
        self.assertEqual(client.call(self.ctxt, 'who'), [True, 'user'])

    def test_notifiers_send(self):
        rpc.get_notifier('network', 'host').info(self.ctxt, 'network.create.start', {'id': 7})
        notified, = self.transport.notified
        self.assertEqual((notified.publisher_id, notified.event_type, notified.payload),
                         ('network.host', 'network.create.start', {'id': 7}))


if __name__ == '__main__':
    unittest.main()
