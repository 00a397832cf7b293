"""heat.rpc.client.EngineClient, with the messaging module of heat under it."""

import unittest

import oslo_messaging
from heat.common import context, exception, messaging
from heat.rpc import client
from oslo_config import cfg

from oslo_messaging_guest import testing


class Heat(unittest.TestCase):
    def setUp(self):
        self.transport = self.enterContext(testing.Transport())
        # In heat's own exchange, which `setup` says is the default.
        self.engine = self.transport.server('engine', exchange='heat', version='1.36')
        cfg.CONF([], project='heat', default_config_files=[])
        messaging.setup()
        self.addCleanup(messaging.cleanup)
        self.addCleanup(oslo_messaging.set_transport_defaults, 'openstack')
        self.client = client.EngineClient()
        self.ctxt = context.RequestContext(
            username='me', project_id='p1', overwrite=False, auth_token='t')

    def test_calls_have_their_versions_and_contexts(self):
        identity = {'tenant': 'p1', 'stack_name': 's', 'stack_id': '1', 'path': ''}
        self.engine.runs('identify_stack', lambda ctxt, stack_name: {
            **identity, 'stack_name': stack_name, 'tenant': ctxt['project_id']})
        found = self.client.identify_stack(self.ctxt, 'mine')
        self.assertEqual((found['stack_name'], found['tenant']), ('mine', 'p1'))
        self.engine.returns('list_stacks', [])
        self.assertEqual(self.client.list_stacks(self.ctxt, limit=3), [])
        request = self.transport.requests[-1]
        self.assertEqual((request.target.version, request.args['limit']), ('1.33', 3))

    def test_its_exceptions_are_told_apart_by_name(self):
        self.engine.raises('show_stack', exception.EntityNotFound(entity='Stack', name='s'))
        with self.assertRaises(exception.EntityNotFound) as caught:
            self.client.show_stack(self.ctxt, None)
        self.assertTrue(type(caught.exception).__name__.endswith('_Remote'))
        self.assertEqual(self.client.local_error_name(caught.exception), 'EntityNotFound')
        with self.client.ignore_error_by_name('EntityNotFound'):
            self.client.show_stack(self.ctxt, None)


if __name__ == '__main__':
    unittest.main()
