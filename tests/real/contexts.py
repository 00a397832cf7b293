"""Prints the context that a service's own class makes: `contexts.py heat heat.conf`.

It is the JSON object that the clients of that service send.
"""

import json
import sys

WHO = {
    'user_id': '4c1f0de7b7e4c0f8f0e2b1c9d8e7f605',
    'project_id': '0f6d1c2b3a4958677685940312233445',
    'roles': ['admin'],
    'is_admin': True,
}


def cinder(config):
    from cinder import context
    return context.RequestContext(request_id='req-cinder', **WHO)


def designate(config):
    import designate.conf
    from designate import context, policy
    designate.conf.CONF([], project='designate', default_config_files=[config])
    policy.init()
    return context.DesignateContext(request_id='req-designate', all_tenants=True, **WHO)


def heat(config):
    from heat.common import context
    return context.RequestContext(username='admin', request_id='req-heat', **WHO)


def ironic(config):
    from ironic.common import context
    return context.RequestContext(request_id='req-ironic', **WHO)


def nova(config):
    from nova import context
    return context.RequestContext(request_id='req-nova', **WHO)


def objects(config):
    from oslo_context import context
    return context.RequestContext(request_id='req-objects', **WHO)


if __name__ == '__main__':
    make = {'cinder': cinder, 'designate': designate, 'heat': heat, 'ironic': ironic, 'nova': nova,
            'objects': objects}
    print(json.dumps(make[sys.argv[1]](sys.argv[2]).to_dict()))
