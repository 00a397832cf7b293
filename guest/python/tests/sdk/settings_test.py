"""Settings: three states, read when a message is sent, and checked before they reach the host."""

import unittest

import oslo_messaging_guest as messaging
from oslo_messaging_guest import Outcome, TransportOptions, outcome_of, testing


class Settings(unittest.TestCase):
    def setUp(self):
        self.transport = self.enterContext(testing.Transport())
        self.server = self.transport.server('compute')
        self.server.runs('echo', lambda ctxt, value=None: value)

    def client(self, target=None, **settings):
        return messaging.get_rpc_client(
            messaging.get_rpc_transport(), target or messaging.Target(topic='compute'), **settings)

    def sent(self):
        return self.transport.requests[-1]

    def test_attributes_count_when_a_message_is_sent(self):
        client = self.client(timeout=5)
        client.call({}, 'echo')
        self.assertEqual(self.sent().timeout, 5)
        client.timeout = 7
        client.call({}, 'echo')
        self.assertEqual(self.sent().timeout, 7)
        context = client.prepare(timeout=8)
        context.timeout = 9
        context.call({}, 'echo')
        self.assertEqual(self.sent().timeout, 9)
        context.timeout = None
        context.call({}, 'echo')
        self.assertEqual(self.sent().timeout, 60)
        client.target = messaging.Target(topic='compute', server='one')
        client.cast({}, 'echo')
        self.assertEqual(self.sent().target.server, 'one')

    def test_every_attribute_is_live(self):
        context = self.client(messaging.Target(topic='compute', version='2.0')).prepare()
        context.version_cap = '1.0'
        with self.assertRaises(messaging.RPCVersionCapError):
            context.call({}, 'echo')
        self.assertFalse(context.can_send_version())
        context.version_cap = None
        context.target.topic = 'nobody'
        context.timeout = 3
        context.transport_options = TransportOptions(at_least_once=False)
        with self.assertRaises(messaging.MessagingTimeout):
            context.call({}, 'echo')
        context.call_monitor_timeout = 1
        with self.assertRaisesRegex(messaging.InvalidArgument, 'call_monitor_timeout'):
            context.call({}, 'echo')
        context.call_monitor_timeout = None
        context.retry = -2
        with self.assertRaisesRegex(messaging.InvalidArgument, 'retry'):
            context.call({}, 'echo')

    def test_each_setting_is_inherited_replaced_and_taken_away(self):
        client = self.client(timeout=5, version_cap='2.0')
        self.assertEqual(client.prepare().timeout, 5)
        self.assertEqual(client.prepare(timeout=6).prepare().describe().timeout, 6)
        self.assertEqual(client.prepare(timeout=None).describe().timeout, 60)
        self.assertEqual(client.describe().version_cap, '2.0')
        self.assertIsNone(client.prepare(version_cap=None).describe().version_cap)
        self.assertEqual(client.prepare(reply_bytes=7).describe().reply_bytes, 7)
        self.assertEqual(client.describe().timeout, 5)

    def test_what_cannot_be_is_refused_by_name(self):
        for name, value in {
                'exchange': 7, 'topic': b'compute', 'namespace': [], 'version': 2.5, 'server': 1,
                'timeout': '5', 'version_cap': 2, 'retry': 1.5, 'call_monitor_timeout': True,
                'transport_options': {'at_least_once': True}, 'reply_bytes': -1}.items():
            with self.subTest(name), self.assertRaises(messaging.InvalidArgument) as caught:
                self.client().prepare(**{name: value}).call({}, 'echo')
            self.assertEqual(caught.exception.argument, name)
            self.assertIs(caught.exception.outcome, Outcome.NOT_EXECUTED)
        for value in ('5', '5.a', '5.5.a', '1.2.', '', 'a.b', '\u0662.\u0665'):
            with self.subTest(value), self.assertRaises(messaging.InvalidArgument):
                self.client().prepare(version=value)
        self.assertEqual(self.transport.requests, [])

    def test_half_a_surrogate_pair_is_no_text(self):
        half = 'a\ud800b'
        for name in ('exchange', 'topic', 'namespace', 'server', 'version', 'version_cap'):
            with self.subTest(name), self.assertRaises(messaging.InvalidArgument) as caught:
                self.client().prepare(**{name: half}).call({}, 'echo')
            self.assertEqual(caught.exception.argument, name)
            # It can be printed and sent on.
            str(caught.exception).encode()

    def test_targets_are_checked_when_a_client_is_made(self):
        for name in ('exchange', 'topic', 'namespace', 'version', 'server'):
            for value in (7, '\udfff'):
                with self.subTest(name), self.assertRaises(messaging.InvalidArgument) as caught:
                    self.client(messaging.Target(**{name: value}))
                self.assertEqual(caught.exception.argument, name)

    def test_methods_and_transports_have_names(self):
        for name in (5, None, b'echo', '\ud800'):
            with self.subTest(name), self.assertRaises(messaging.InvalidArgument) as caught:
                self.client().call({}, name)
            self.assertEqual(caught.exception.argument, 'method')
            with self.subTest(name), self.assertRaises(messaging.InvalidArgument):
                messaging.get_rpc_client(
                    messaging.get_rpc_transport(name=name), messaging.Target(topic='compute'))

    def test_long_times_are_shortened_to_what_a_host_takes(self):
        for length in (1e300, float('inf'), 10**30):
            self.client().prepare(timeout=length).call({}, 'echo')
        with self.assertRaises(messaging.InvalidArgument):
            self.client().prepare(timeout=float('nan')).call({}, 'echo')

    def test_misspelt_settings_are_type_errors(self):
        with self.assertRaises(TypeError):
            self.client().prepare(timout=5)

    def test_a_closed_client_says_so_and_what_was_prepared_goes_on(self):
        with self.client() as client:
            context = client.prepare(server='one')
        with self.assertRaisesRegex(RuntimeError, 'closed'):
            client.call({}, 'echo')
        self.assertEqual(context.call({}, 'echo', value=1), 1)

    def test_a_host_that_is_not_there_is_missed_when_it_is_needed(self):
        self.transport.__exit__()
        try:
            client = self.client()
            with self.assertRaisesRegex(RuntimeError, 'testing'):
                client.call({}, 'echo')
        finally:
            self.transport.__enter__()
        # Made while modules were imported, opened when it is used.
        self.assertEqual(client.call({}, 'echo', value=1), 1)

    def test_what_is_not_granted_is_refused_when_a_client_is_made(self):
        with self.assertRaisesRegex(messaging.AccessDenied, 'other') as caught:
            messaging.get_rpc_client(
                messaging.get_rpc_transport(name='other'), messaging.Target(topic='compute'))
        self.assertIs(outcome_of(caught.exception), Outcome.NOT_EXECUTED)

    def test_limits_and_transports_can_be_asked(self):
        self.assertEqual(messaging.transports(), ['default'])
        self.assertEqual(messaging.limits().requests, 1024)
        self.assertIsNone(messaging.remaining())


if __name__ == '__main__':
    unittest.main()
