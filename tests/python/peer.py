"""What the peers share: their configuration, and JSON lines on standard output."""

import json
import logging
import sys
import tempfile
import threading

from oslo_config import cfg
import oslo_messaging

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


class Marking(oslo_messaging.Serializer):
    """Says with every entity whose it is, and gives every name of a context a prefix."""

    def serialize_entity(self, ctxt, entity):
        return {'of': ctxt.get('user'), 'is': entity}

    def deserialize_entity(self, ctxt, entity):
        if entity['of'] != ctxt.get('user'):
            raise ValueError(f'this is of {entity["of"]}, not of {ctxt.get("user")}')
        return entity['is']

    def serialize_context(self, ctxt):
        return {f'x-{name}': value for name, value in ctxt.items()}

    def deserialize_context(self, ctxt):
        # A server's context has names of its own.
        return {name.removeprefix('x-'): value for name, value in ctxt.items()}
