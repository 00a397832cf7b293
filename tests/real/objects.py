"""A server whose objects are newer than those of its clients, and a conductor.

`objects.py --config-file FILE`
"""

import pathlib
import sys
import time

import oslo_messaging
from neutron_lib import exceptions
from oslo_config import cfg
from oslo_versionedobjects import base, exception, fields

sys.path.insert(0, str(pathlib.Path(__file__).parent / 'clients'))

import calls_objects
import hosts


@base.VersionedObjectRegistry.register
class Disk(hosts.Disk):
    """With another field, which the older ones lack."""

    VERSION = '1.3'
    fields = {**hosts.Disk.fields, 'speed': fields.StringField()}

    def obj_make_compatible(self, primitive, target_version):
        super().obj_make_compatible(primitive, target_version)
        if target_version == '1.2':
            del primitive['speed']


@base.VersionedObjectRegistry.register
class Host(hosts.Host):
    """With another field, and with methods that are executed here."""

    VERSION = '2.3'
    fields = {**hosts.Host.fields, 'rack': fields.StringField()}

    def obj_make_compatible(self, primitive, target_version):
        super().obj_make_compatible(primitive, target_version)
        if target_version == '2.1':
            del primitive['rack']


def newest():
    """A host as it is here."""
    older = calls_objects.host()
    values = {name: getattr(older, name) for name in older.fields}
    values['disks'] = [Disk(name=it.name, gib=it.gib, made=it.made, speed='fast')
                       for it in older.disks]
    return Host(calls_objects.CTXT, rack='r7', **{**values, 'name': 'h2'})


class Endpoint:
    """What is asked about objects and values."""

    target = oslo_messaging.Target(version='1.0')

    def echo(self, ctxt, value):
        return value

    def told(self, ctxt, value):
        return [ctxt, value]

    def late(self, ctxt, seconds):
        time.sleep(seconds)
        return seconds

    later = late

    def no_network(self, ctxt):
        raise exceptions.NetworkNotFound(net_id='n1')

    def grown(self, ctxt, host, by):
        host.disks[0].gib += by
        return host

    def seen(self, ctxt, host):
        return [host.VERSION, sorted(host.fields), host.name, ctxt]

    def newest(self, ctxt):
        return newest()

    def all_of_them(self, ctxt):
        return [newest(), {'of': calls_objects.host(), 'disk': newest().disks[0]}, 'h3']

    def incompatible(self, ctxt):
        raise exception.IncompatibleObjectVersion(objname='Host', objver='2.1', supported='1.0')

    def unknown(self, ctxt):
        return {**newest().obj_to_primitive(), 'versioned_object.name': 'Rack'}

    def foreign(self, ctxt):
        return {**newest().obj_to_primitive(), 'versioned_object.namespace': 'acme'}


class Conductor:
    """What objects ask of another service."""

    target = oslo_messaging.Target(version='1.0')

    def object_action(self, ctxt, objinst, objmethod, args, kwargs):
        assert objmethod == 'rename'
        was, objinst.name = objinst.name, *args
        return {'name': objinst.name, 'obj_what_changed': objinst.obj_what_changed()}, was

    def object_class_action_versions(self, ctxt, objname, objmethod, object_versions, args, kwargs):
        assert (objname, objmethod, args) == ('Host', 'get_by_name', ['h2'])
        return self.object_backport_versions(ctxt, newest(), object_versions)

    def object_backport_versions(self, ctxt, objinst, object_versions):
        return objinst.obj_to_primitive(
            target_version=object_versions[objinst.obj_name()], version_manifest=object_versions)


if __name__ == '__main__':
    cfg.CONF(sys.argv[1:], project='objects')
    server = oslo_messaging.get_rpc_server(
        oslo_messaging.get_rpc_transport(cfg.CONF),
        oslo_messaging.Target(topic=calls_objects.TOPIC, server='host-1'), [Endpoint(), Conductor()],
        executor='threading', serializer=base.VersionedObjectSerializer())
    server.start()
    server.wait()
