"""cinder.rpc: the base class of its RPC modules, with the serializer of its objects."""

import unittest

import oslo_messaging
from cinder import context, exception, objects, rpc
from cinder.objects import base
from oslo_config import cfg

from oslo_messaging_guest import testing


@base.CinderObjectRegistry.register
class Rack(base.CinderObject):
    VERSION = '1.0'
    fields = {}


class RackAPI(rpc.RPCAPI):
    """What cinder's own modules look like."""

    RPC_API_VERSION = '3.12'
    RPC_DEFAULT_VERSION = '3.0'
    TOPIC = 'cinder-rack'
    BINARY = 'cinder-rack'

    def move(self, ctxt, rack):
        cctxt = self._get_cctxt(version=('3.12', '3.4'))
        return cctxt.target.version, cctxt.call(ctxt, 'move', rack=rack)

    @rpc.assert_min_rpc_version('3.11')
    def paint(self, ctxt, color):
        self._get_cctxt('3.11', fanout=True).cast(ctxt, 'paint', color=color)


class Cinder(unittest.TestCase):
    def setUp(self):
        self.transport = self.enterContext(testing.Transport())
        cfg.CONF([], project='cinder', default_config_files=[])
        rpc.set_defaults('cinder')
        self.addCleanup(oslo_messaging.set_transport_defaults, 'openstack')
        rpc.init(cfg.CONF)
        self.addCleanup(rpc.cleanup)
        self.serializer = base.CinderObjectSerializer()
        self.server = self.transport.server(
            'cinder-rack', exchange='cinder', version='3.12', serializer=self.serializer)
        self.ctxt = context.RequestContext('user', 'project')

    def api(self, version):
        # What it would read from its data base.
        rpc.LAST_RPC_VERSIONS['cinder-rack'] = version
        rpc.LAST_OBJ_VERSIONS['cinder-rack'] = base.OBJ_VERSIONS.get_current()
        return RackAPI()

    def test_it_sends_what_the_cap_lets_through(self):
        self.server.runs('move', lambda ctxt, rack: rack)
        rack = Rack()
        version, moved = self.api('3.12').move(self.ctxt, rack)
        self.assertEqual(version, '3.12')
        self.assertIsInstance(moved, Rack)
        self.assertEqual(self.api('3.8').move(self.ctxt, rack)[0], '3.4')
        self.assertEqual([it.target.version for it in self.transport.requests], ['3.12', '3.4'])
        self.assertEqual(self.transport.requests[0].context['user_id'], 'user')

    def test_it_asks_before_it_casts(self):
        painted = []
        self.server.runs('paint', lambda ctxt, color: painted.append(color))
        self.api('3.12').paint(self.ctxt, 'red')
        self.assertEqual(painted, ['red'])
        with self.assertRaises(exception.ServiceTooOld):
            self.api('3.8').paint(self.ctxt, 'red')


if __name__ == '__main__':
    unittest.main()
