"""Objects of oslo.versionedobjects that go to a server of newer ones, and come back."""

import contextlib
import datetime

import oslo_messaging
from oslo_config import cfg
from oslo_versionedobjects import base

from hosts import Disk, Host

TOPIC = 'objects'
CTXT = {'user': 'me'}


class Conductor(base.VersionedObjectIndirectionAPI):
    """What services make of it: everything is asked of another one."""

    def __init__(self, client):
        self.client = client

    def object_action(self, context, objinst, objmethod, args, kwargs):
        return self.client.call(context, 'object_action', objinst=objinst, objmethod=objmethod,
                                args=args, kwargs=kwargs)

    def object_class_action_versions(self, context, objname, objmethod, object_versions, args, kwargs):
        return self.client.call(
            context, 'object_class_action_versions', objname=objname, objmethod=objmethod,
            object_versions=object_versions, args=args, kwargs=kwargs)

    def object_backport_versions(self, context, objinst, object_versions):
        return self.client.call(context, 'object_backport_versions', objinst=objinst,
                                object_versions=object_versions)


def calls():
    """Functions that make the calls, by what is printed of them."""
    transport = oslo_messaging.get_rpc_transport(
        cfg.CONF, allowed_remote_exmods=['oslo_versionedobjects.exception'])
    serializer = base.VersionedObjectSerializer()
    client = oslo_messaging.get_rpc_client(
        transport, oslo_messaging.Target(topic=TOPIC, version='1.0'), serializer=serializer)
    conductor = Conductor(client)

    def ask(method, **args):
        return shown(client.call(CTXT, method, **args))

    def ported_back(method, **args):
        with conducted(conductor):
            return ask(method, **args)

    def is_older():
        with conducted(conductor):
            return ask('seen', host=client.call(CTXT, 'newest'))

    def renamed():
        mine = host()
        mine.obj_reset_changes()
        with conducted(conductor):
            was = mine.rename('h9')
        return [was, mine.name, sorted(mine.obj_what_changed())]

    def by_name():
        with conducted(conductor):
            return shown(Host.get_by_name(CTXT, 'h2'))

    def of_version(version):
        primitive = host().obj_to_primitive()
        primitive['versioned_object.version'] = version
        return primitive

    return {
        'there and back': lambda: ask('grown', host=host(), by=3),
        'what the server has': lambda: ask('seen', host=host()),
        'in a list': lambda: ask('echo', value=[host(), {'of': host()}, 1]),
        'ported back': lambda: ported_back('newest'),
        'each of a list ported back': lambda: ported_back('all_of_them'),
        'ported back, and sent': is_older,
        'remotable': renamed,
        'remotable of the class': by_name,
        'too new, without a conductor': lambda: ask('newest'),
        'a third number': lambda: ask('echo', value=of_version('2.1.9')),
        'too new for the server': lambda: ask('seen', host=of_version('9.0')),
        'raised by the server': lambda: ask('incompatible'),
        'what nobody registered': lambda: ask('unknown'),
        'of another project': lambda: ask('foreign'),
    }


@contextlib.contextmanager
def conducted(conductor):
    """What is newer is ported back by it."""
    base.VersionedObject.indirection_api = conductor
    try:
        yield
    finally:
        base.VersionedObject.indirection_api = None


def host():
    made = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
    return Host(
        CTXT, name='h1', uuid='8d7a2a4e-5d1e-4f0c-9c39-0d6a2f0a1b2c', address='192.0.2.7',
        network='2001:db8::/64', mac='00:1b:77:49:54:fd', state='up', tags={'a': None, 'b': '\xfc'},
        slots={3, 1, 2}, load=0.1, disks=[
            Disk(name='sda', gib=7, made=made),
            Disk(name='sdb', gib=None, made=made + datetime.timedelta(days=1))])


def shown(value):
    """What it is, with the class of each object; what has changed is in no order."""
    if isinstance(value, base.VersionedObject):
        return [type(value).__name__, value.VERSION, shown(value.obj_to_primitive())]
    if isinstance(value, list):
        return [shown(it) for it in value]
    if isinstance(value, dict):
        return {name: sorted(it) if name == 'versioned_object.changes' else shown(it)
                for name, it in value.items()}
    return value
