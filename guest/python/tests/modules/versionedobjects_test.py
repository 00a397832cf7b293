"""oslo.versionedobjects: its serializer, with a real object both ways."""

import datetime
import unittest

import oslo_messaging
from oslo_versionedobjects import base, exception, fields

import oslo_messaging_guest as messaging
from oslo_messaging_guest import Outcome, outcome_of, testing


@base.VersionedObjectRegistry.register
class Disk(base.VersionedObject):
    VERSION = '1.2'
    fields = {'name': fields.StringField(), 'gib': fields.IntegerField(nullable=True),
              'made': fields.DateTimeField()}


@base.VersionedObjectRegistry.register
class Host(base.VersionedObject):
    VERSION = '2.1'
    fields = {'name': fields.StringField(),
              'disks': fields.ListOfObjectsField('Disk')}


class VersionedObjects(unittest.TestCase):
    def setUp(self):
        self.transport = self.enterContext(testing.Transport())
        self.serializer = base.VersionedObjectSerializer()
        self.host = Host(name='h1', disks=[
            Disk(name='sda', gib=7, made=datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)),
            Disk(name='sdb', gib=None, made=datetime.datetime(2026, 1, 3, tzinfo=datetime.UTC))])
        self.client = oslo_messaging.get_rpc_client(
            oslo_messaging.get_rpc_transport(None), oslo_messaging.Target(topic='compute'),
            serializer=self.serializer)

    def test_an_object_goes_there_and_back(self):
        seen = []

        def grow(ctxt, host, by):
            seen.append(host)
            host.disks[0].gib += by
            return host

        self.transport.server('compute', serializer=self.serializer).runs('grow', grow)
        grown = self.client.call({}, 'grow', host=self.host, by=3)
        self.assertIsInstance(seen[0], Host)
        self.assertIsInstance(grown, Host)
        self.assertEqual([it.gib for it in grown.disks], [10, None])
        self.assertEqual(grown.disks[0].made, self.host.disks[0].made)
        sent = self.transport.requests[0].args['host']
        self.assertEqual(sent['versioned_object.name'], 'Host')

    def test_its_own_exception_comes_through(self):
        primitive = self.serializer.serialize_entity({}, self.host)
        primitive['versioned_object.version'] = '9.0'
        self.transport.server('compute').returns('get', primitive)
        with self.assertRaises(exception.IncompatibleObjectVersion) as caught:
            self.client.call({}, 'get')
        self.assertIs(outcome_of(caught.exception), Outcome.EXECUTED)

    def test_a_backport_that_fails_does_not_make_the_call_look_unsent(self):
        primitive = self.serializer.serialize_entity({}, self.host)
        primitive['versioned_object.version'] = '9.0'
        self.transport.server('compute').returns('get', primitive)
        conductor = oslo_messaging.get_rpc_client(
            oslo_messaging.get_rpc_transport(None), oslo_messaging.Target(topic='conductor'))

        class Indirection(base.VersionedObjectIndirectionAPI):
            def object_action(self, *args):
                raise NotImplementedError

            object_class_action = object_action

            def object_backport_versions(self, context, objinst, object_versions):
                return conductor.call(context, 'object_backport_versions')

        base.VersionedObject.indirection_api = Indirection()
        self.addCleanup(setattr, base.VersionedObject, 'indirection_api', None)
        with self.assertRaises(messaging.NoSuchTarget) as caught:
            self.client.call({}, 'get')
        self.assertIs(outcome_of(caught.exception), Outcome.EXECUTED)


if __name__ == '__main__':
    unittest.main()
