"""Versioned objects as services have them, in the versions that their clients know."""

from oslo_versionedobjects import base, fields


@base.VersionedObjectRegistry.register
class Disk(base.VersionedObject):
    """Part of a host."""

    VERSION = '1.2'
    fields = {
        'name': fields.StringField(),
        'gib': fields.IntegerField(nullable=True),
        'made': fields.DateTimeField(),
    }


@base.VersionedObjectRegistry.register
class Host(base.VersionedObject):
    """Has fields of many kinds; what is remotable is done by the conductor."""

    VERSION = '2.1'
    fields = {
        'name': fields.StringField(),
        'disks': fields.ListOfObjectsField('Disk'),
        'uuid': fields.UUIDField(),
        'address': fields.IPAddressField(),
        'network': fields.IPNetworkField(),
        'mac': fields.MACAddressField(),
        'state': fields.EnumField(valid_values=['up', 'down']),
        'tags': fields.DictOfNullableStringsField(),
        'slots': fields.SetOfIntegersField(),
        'load': fields.FloatField(),
    }

    @base.remotable_classmethod
    def get_by_name(cls, context, name):
        raise NotImplementedError('it is done by the conductor')

    @base.remotable
    def rename(self, name):
        raise NotImplementedError('it is done by the conductor')
