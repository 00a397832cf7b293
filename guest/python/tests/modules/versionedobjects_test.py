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


class NewerDisk(Disk):
    """What a newer server has of it."""

    VERSION = '1.3'
    fields = {'speed': fields.StringField()}

    @classmethod
    def obj_name(cls):
        return 'Disk'

    def obj_make_compatible(self, primitive, target_version):
        super().obj_make_compatible(primitive, target_version)
        if target_version < '1.3':
            del primitive['speed']


class NewerHost(Host):
    VERSION = '2.3'
    fields = {'rack': fields.StringField()}

    @classmethod
    def obj_name(cls):
        return 'Host'

    def obj_make_compatible(self, primitive, target_version):
        super().obj_make_compatible(primitive, target_version)
        if target_version < '2.3':
            del primitive['rack']


for newer in (NewerDisk, NewerHost):
    # The server's registry has them, and ours has not.
    newer.fields = {**newer.__mro__[1].fields, **newer.fields}
    base._make_class_properties(newer)


class ConductorAPI(base.VersionedObjectIndirectionAPI):
    """What services make of it: everything is asked of another one."""

    def __init__(self, client):
        self.client = client

    def object_action(self, context, objinst, objmethod, args, kwargs):
        return self.client.call(context, 'object_action', objinst=objinst, objmethod=objmethod,
                                args=args, kwargs=kwargs)

    def object_class_action(self, context, objname, objmethod, objver, args, kwargs):
        return self.client.call(context, 'object_class_action', objname=objname,
                                objmethod=objmethod, objver=objver, args=args, kwargs=kwargs)

    def object_backport_versions(self, context, objinst, object_versions):
        return self.client.call(context, 'object_backport_versions', objinst=objinst,
                                object_versions=object_versions)


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

    def newer(self):
        """A newer server's host, and a conductor that knows it and is asked for backports."""
        made = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)
        host = NewerHost(name='h2', rack='r7', disks=[
            NewerDisk(name='sda', gib=7, made=made, speed='fast')])
        asked = []

        def object_backport_versions(ctxt, objinst, object_versions):
            asked.append((ctxt, objinst['versioned_object.version'], object_versions))
            return host.obj_to_primitive(target_version=object_versions[objinst[
                'versioned_object.name']], version_manifest=object_versions)

        self.transport.server('conductor').runs(
            'object_backport_versions', object_backport_versions)
        base.VersionedObject.indirection_api = ConductorAPI(oslo_messaging.get_rpc_client(
            oslo_messaging.get_rpc_transport(None), oslo_messaging.Target(topic='conductor'),
            serializer=self.serializer))
        self.addCleanup(setattr, base.VersionedObject, 'indirection_api', None)
        return host, asked

    def test_what_is_newer_is_ported_back_by_the_conductor(self):
        host, asked = self.newer()
        server = self.transport.server('compute')
        server.returns('get', host.obj_to_primitive())
        server.runs('name', lambda ctxt, host: [
            host['versioned_object.version'], sorted(host['versioned_object.data'])])
        older = self.client.call({'user': 'me'}, 'get')
        self.assertIs(type(older), Host)
        self.assertEqual((older.VERSION, older.name), ('2.1', 'h2'))
        self.assertEqual([(it.VERSION, it.name, it.gib) for it in older.disks], [('1.2', 'sda', 7)])
        with self.assertRaises(AttributeError):
            older.rack
        # The context goes along, and so do the versions of all that is in it.
        self.assertEqual(asked, [({'user': 'me'}, '2.3', {'Host': '2.1', 'Disk': '1.2'})])
        # Back it goes as what it is now.
        self.assertEqual(self.client.call({}, 'name', host=older), ['2.1', ['disks', 'name']])

    def test_a_list_has_each_ported_back(self):
        host, asked = self.newer()
        self.transport.server('compute').returns(
            'all', [host.obj_to_primitive(), {'of': self.host.obj_to_primitive()}])
        newer, older = self.client.call({}, 'all')
        self.assertEqual((newer.VERSION, older['of'].VERSION), ('2.1', '2.1'))
        self.assertEqual((newer.name, older['of'].name), ('h2', 'h1'))
        self.assertEqual(len(asked), 1)

    def test_a_third_number_needs_no_backport(self):
        host, asked = self.newer()
        primitive = self.host.obj_to_primitive()
        primitive['versioned_object.version'] = '2.1.9'
        self.transport.server('compute').returns('get', primitive)
        self.assertEqual(self.client.call({}, 'get').name, 'h1')
        self.assertEqual(asked, [])

    def test_without_a_conductor_it_says_what_is_incompatible(self):
        host, _ = self.newer()
        base.VersionedObject.indirection_api = None
        self.transport.server('compute').returns('get', host.obj_to_primitive())
        with self.assertRaises(exception.IncompatibleObjectVersion) as caught:
            self.client.call({}, 'get')
        self.assertEqual(caught.exception.kwargs, {
            'objname': 'Host', 'objver': '2.3', 'supported': '2.1', 'code': 500})
        self.assertIs(outcome_of(caught.exception), Outcome.EXECUTED)

    def test_what_nobody_registered_is_its_own_exception(self):
        primitive = self.host.obj_to_primitive()
        primitive['versioned_object.name'] = 'Rack'
        self.transport.server('compute').returns('get', primitive)
        with self.assertRaises(exception.UnsupportedObjectError) as caught:
            self.client.call({}, 'get')
        self.assertIs(outcome_of(caught.exception), Outcome.EXECUTED)

    def test_an_exception_that_a_server_raises_is_its_own_class(self):
        self.transport.server('compute').raises('get', exception.IncompatibleObjectVersion(
            objname='Host', objver='2.1', supported='1.0'))
        client = oslo_messaging.get_rpc_client(
            oslo_messaging.get_rpc_transport(
                None, allowed_remote_exmods=['oslo_versionedobjects.exception']),
            oslo_messaging.Target(topic='compute'), serializer=self.serializer)
        with self.assertRaises(exception.IncompatibleObjectVersion) as caught:
            client.call({}, 'get')
        self.assertEqual(type(caught.exception).__name__, 'IncompatibleObjectVersion_Remote')
        self.assertIn('Version 2.1 of Host is not supported', str(caught.exception))
        self.assertIs(outcome_of(caught.exception), Outcome.EXECUTED)


if __name__ == '__main__':
    unittest.main()
