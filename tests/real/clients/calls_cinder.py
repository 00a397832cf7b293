"""Calls of `cinder.scheduler.rpcapi`, with objects of `cinder.objects`."""

from cinder import context, rpc
from cinder.objects import base, dynamic_log, service
from cinder.scheduler import rpcapi
from oslo_config import cfg

import who


def calls():
    """Functions that make the calls, by what is printed of them."""
    rpc.set_defaults('openstack')
    rpc.init(cfg.CONF)
    # What it would read from its database.
    rpc.LAST_RPC_VERSIONS['cinder-scheduler'] = rpcapi.SchedulerAPI.RPC_API_VERSION
    rpc.LAST_OBJ_VERSIONS['cinder-scheduler'] = base.OBJ_VERSIONS.get_current()
    scheduler = rpcapi.SchedulerAPI()
    ctxt = context.RequestContext(**who.WHO, request_id='req-client')
    host = service.Service(ctxt, host='host-1')

    def log_levels():
        levels = scheduler.get_log_levels(
            ctxt, host, dynamic_log.LogLevel(ctxt, prefix='cinder.scheduler'))
        return [type(levels).__name__, *([it.prefix, it.level] for it in levels)]

    def too_old():
        rpc.LAST_RPC_VERSIONS['cinder-scheduler'] = '3.6'
        rpcapi.SchedulerAPI().get_log_levels(ctxt, host, None)

    return {
        'get_pools': lambda: scheduler.get_pools(ctxt),
        'get_pools, filtered': lambda: scheduler.get_pools(ctxt, filters={'name': 'none'}),
        'get_log_levels': log_levels,
        'validate_host_capacity': lambda: scheduler.validate_host_capacity(
            ctxt, 'missing@x', {}, {}),
        'get_log_levels, too old': too_old,
    }
