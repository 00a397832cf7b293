"""nova.rpc: its transport, client and router, as its modules use them."""

import unittest

import oslo_messaging
from nova import context, exception, rpc
from nova import conf as nova_conf

from oslo_messaging_guest import testing


class Nova(unittest.TestCase):
    def setUp(self):
        self.transport = self.enterContext(testing.Transport())
        nova_conf.CONF([], project='nova', default_config_files=[])
        rpc.set_defaults('nova')
        self.addCleanup(oslo_messaging.set_transport_defaults, 'openstack')
        rpc.init(nova_conf.CONF)
        self.addCleanup(rpc.cleanup)
        self.compute = self.transport.server('compute', exchange='nova', version='6.4')
        self.client = rpc.get_client(
            oslo_messaging.Target(topic='compute', version='6.0'), version_cap='6.4')
        self.ctxt = context.RequestContext('user', 'project')

    def test_a_router_gives_the_client_that_modules_prepare(self):
        self.compute.runs('free', lambda ctxt, unit: [ctxt['user_id'], unit])
        router = rpc.ClientRouter(self.client)
        cctxt = router.client(self.ctxt).prepare(
            server='host-1', version='6.2', timeout=nova_conf.CONF.long_rpc_timeout,
            call_monitor_timeout=nova_conf.CONF.rpc_response_timeout)
        self.assertEqual(cctxt.call(self.ctxt, 'free', unit='MiB'), ['user', 'MiB'])
        request, = self.transport.requests
        self.assertEqual((request.timeout, request.target.server, request.target.version),
                         (1800, 'host-1', '6.2'))
        self.assertFalse(router.client(self.ctxt).can_send_version('6.5'))

    def test_its_exceptions_are_its_own(self):
        self.compute.raises('get', exception.InstanceNotFound(instance_id='i1'))
        with self.assertRaises(exception.InstanceNotFound) as caught:
            self.client.call(self.ctxt, 'get')
        self.assertEqual(type(caught.exception).__name__, 'InstanceNotFound_Remote')
        with self.assertRaises(oslo_messaging.exceptions.MessagingTimeout):
            self.client.prepare(topic='nobody').call(self.ctxt, 'get')

    def test_notifiers_send_in_the_form_that_is_configured(self):
        self.assertFalse(rpc.get_versioned_notifier('compute.host').is_enabled())
        rpc.get_notifier('compute', 'host').info(self.ctxt, 'compute.instance.exists', {'id': 7})
        notified, = self.transport.notified
        self.assertEqual(
            (notified.priority, notified.publisher_id, notified.event_type, notified.payload),
            ('info', 'compute.host', 'compute.instance.exists', {'id': 7}))


if __name__ == '__main__':
    unittest.main()
