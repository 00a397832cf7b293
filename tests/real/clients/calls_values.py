"""Values of many classes as arguments and in contexts: what a server finds."""

import oslo_messaging
from oslo_config import cfg

# Those with which the SDK is compared to oslo.serialization, natively.
import values

# What another version of Python has another form of, or other places in files.
OF_THE_INTERPRETER = {'code', 'datetime early', 'frame', 'module', 'partial', 'traceback'}
# A plugin has no files with time zones.
OF_FILES = {'datetime zone'}
# They are no JSON, and refused.
NOT_JSON = {'nan', 'infinity'}


def calls():
    """Functions that make the calls, by what is printed of them."""
    transport = oslo_messaging.get_rpc_transport(cfg.CONF)
    target = oslo_messaging.Target(topic='objects', version='1.0')
    plain = oslo_messaging.get_rpc_client(transport, target)
    opened = oslo_messaging.get_rpc_client(
        transport, target, serializer=oslo_messaging.JsonPayloadSerializer())
    made = {}
    for name, make in values.LEAVES.items():
        if name not in OF_THE_INTERPRETER | OF_FILES | NOT_JSON:
            made[name] = lambda make=make: told(plain, {}, make())
            made[f'{name}, opened'] = lambda make=make: told(opened, {}, make())
            made[f'{name}, within'] = lambda make=make: told(opened, {}, [{'a': make()}, (make(),)])
            made[f'{name}, in a context'] = lambda make=make: told(plain, {'of': make()}, 1)
    return made


def told(client, ctxt, value):
    """What the server has of both, or that it could not be sent."""
    try:
        return client.call(ctxt, 'told', value=value)
    except (RecursionError, TypeError, ValueError):
        # Most of a plugin's are of a class that is both an oslo.messaging error and a `ValueError`.
        return 'it has no form in JSON'
