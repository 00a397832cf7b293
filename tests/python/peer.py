"""What the peers share: their configuration, and JSON lines on standard output."""

import json
import logging
import sys
import tempfile
import threading

from oslo_config import cfg

_output = threading.Lock()


def say(**line):
    """Writes one JSON line; any thread may."""
    text = json.dumps(line)
    with _output:
        print(text, flush=True)


def configure(options):
    """Sets `name=value` and `group.name=value` options, and sends logs to standard error."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO,
                        format='%(levelname)s %(name)s: %(message)s')
    logging.getLogger('amqp').setLevel(logging.WARNING)
    groups = {}
    for option in options:
        name, value = option.split('=', 1)
        group, _, name = name.rpartition('.')
        groups.setdefault(group or 'DEFAULT', []).append(f'{name} = {value}')
    # It has to be the global configuration: tracing and metrics options are registered on no
    # other, and the ping endpoint is looked up there.
    with tempfile.NamedTemporaryFile('w', suffix='.conf') as file:
        for group, lines in groups.items():
            print(f'[{group}]', *lines, sep='\n', file=file, flush=True)
        cfg.CONF(['--config-file', file.name], project='peer')
    return cfg.CONF
