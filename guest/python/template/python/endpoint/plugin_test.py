"""Tests of NAME, without a component."""

import unittest

import oslo_messaging_guest as messaging
from oslo_messaging_guest import testing
import plugin


class EndpointTest(unittest.TestCase):
    def test_it_divides(self) -> None:
        with testing.Transport() as transport:
            transport.serve(plugin.server())
            target = messaging.Target(topic='NAME', version='1.0')
            client = messaging.get_rpc_client(messaging.get_rpc_transport(), target)
            self.assertEqual(client.call({}, 'divide', a=7, b=2), 3.5)
            with self.assertRaises(ZeroDivisionError):
                client.call({}, 'divide', a=7, b=0)
