"""Calls of `heat.rpc.client.EngineClient`."""

from heat.common import context, messaging
from heat.rpc import client

import who

TEMPLATE = {
    'heat_template_version': '2018-08-31',
    'parameters': {'length': {'type': 'number', 'default': 4, 'description': 'L\xe4nge \u2713'}},
    'resources': {'word': {'type': 'OS::Heat::RandomString',
                           'properties': {'length': {'get_param': 'length'}}}}}


def calls():
    """Functions that make the calls, by what is printed of them."""
    messaging.setup()
    engine = client.EngineClient()
    ctxt = context.RequestContext(username='admin', request_id='req-client', **who.WHO)
    identity = {'tenant': 'p1', 'stack_name': 'missing', 'stack_id': '1', 'path': ''}

    def ignored():
        with engine.ignore_error_by_name('EntityNotFound'):
            engine.show_stack(ctxt, identity)

    return {
        'get_revision': lambda: engine.get_revision(ctxt),
        'list_stacks': lambda: engine.list_stacks(ctxt, limit=2, filters={'name': '\xfc'}),
        'count_stacks': lambda: engine.count_stacks(ctxt),
        'list_services': lambda: engine.list_services(ctxt),
        'list_resource_types': lambda: engine.list_resource_types(ctxt, with_description=True),
        'resource_schema': lambda: engine.resource_schema(ctxt, 'OS::Nova::Server'),
        'generate_template': lambda: engine.generate_template(ctxt, 'OS::Cinder::Volume'),
        'list_template_versions': lambda: engine.list_template_versions(ctxt),
        'list_template_functions': lambda: engine.list_template_functions(
            ctxt, 'heat_template_version.2018-08-31'),
        'validate_template': lambda: engine.validate_template(ctxt, TEMPLATE),
        'preview_stack': lambda: engine.preview_stack(
            ctxt, 'preview', TEMPLATE, {'parameters': {'length': 6}}, {}, {}),
        'list_software_configs': lambda: engine.list_software_configs(ctxt),
        'identify_stack': lambda: engine.identify_stack(ctxt, 'missing'),
        'show_stack': lambda: engine.show_stack(ctxt, identity),
        'show_stack, ignored': ignored,
        'show_software_config': lambda: engine.show_software_config(ctxt, 'missing'),
        'no_such_method': lambda: engine.call(ctxt, engine.make_msg('no_such_method')),
        'version': lambda: engine.call(ctxt, engine.make_msg('get_revision'), version='1.99'),
    }
