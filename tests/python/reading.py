"""What oslo.config and oslo.messaging read in configuration files and transport URLs.

Standard input is a JSON list of cases, `{"arguments": ["--config-file", ...]}` or `{"url": ...}`;
standard output is the list of what was read, or of `{"error": ...}`.
"""

import json
import logging
import sys

from oslo_config import cfg
import oslo_messaging
from oslo_messaging import opts
from oslo_messaging._drivers import common

GROUP = 'oslo_messaging_rabbit'


def configuration(arguments):
    conf = cfg.ConfigOpts()
    for group, options in opts.list_opts():
        conf.register_opts(options, group=group)
    # What services have, and values may refer to.
    conf.register_opts([cfg.StrOpt(name) for name in ('host', 'mq_host', 'my_ip')])
    conf(arguments, project='nobody', default_config_files=[], default_config_dirs=[], use_env=False)
    return conf


def url(conf, text=None):
    """The parts, where nothing and the empty text are the same to a driver."""
    found = oslo_messaging.TransportURL.parse(conf, text)
    return found, {
        'scheme': found.transport,
        'hosts': [[host.hostname or None, host.port, host.username or None, host.password or None]
                  for host in found.hosts],
        'virtual_host': found.virtual_host or '/',
        'options': found.query,
    }


def options(conf, of_url):
    """Each option's value, as the driver sees it beside the URL's own."""
    proxy = common.ConfigOptsProxy(conf, of_url, GROUP)[GROUP]
    return {name: proxy[name] for name in conf[GROUP]}


def read(case):
    try:
        if 'url' in case:
            return url(configuration([]), case['url'])[1]
        conf = configuration(case['arguments'])
        found, parts = url(conf)
        return {
            'url': parts,
            'control_exchange': conf.control_exchange,
            'rpc_response_timeout': conf.rpc_response_timeout,
            'rabbit': options(conf, found),
        }
    except Exception as error:
        return {'error': f'{type(error).__name__}: {error}'}


def main():
    logging.disable()
    cases = json.load(sys.stdin)
    names = {group or 'DEFAULT': sorted(option.dest for option in options)
             for group, options in opts.list_opts()}
    json.dump({'names': names, 'read': [read(case) for case in cases]}, sys.stdout)


if __name__ == '__main__':
    main()
