"""Read-only calls with the clients of services, which are released modules, unmodified.

What a service's process prints of them and what a plugin does has to be the same, line by line.
"""

import json
import re
import time

# Before what asks for it.
import threads  # noqa: F401 isort: skip

from oslo_config import cfg

import calls_cinder
import calls_heat
import calls_neutron
import calls_objects
import calls_values

CLIENTS = {'cinder': calls_cinder, 'heat': calls_heat, 'neutron': calls_neutron,
           'objects': calls_objects, 'values': calls_values}


def run(name, service, *files):
    """Prints a line for each call of a client to a service."""
    configure(service, *files)
    for title, call in CLIENTS[name].calls().items():
        line = json.dumps({'call': title, **outcome(call)}, ensure_ascii=False)
        # As an escape, half of a surrogate pair is no JSON for everybody.
        line = line.encode('ascii', 'xmlcharrefreplace').decode()
        # Two objects of the same kind are at different places in memory.
        print(re.sub(r" at 0x[0-9a-f]+| id='[0-9]+'", '', line), flush=True)


def watch():
    """Calls and prints for ever."""
    configure('heat')
    call = calls_heat.calls()['get_revision']
    while True:
        print(json.dumps(outcome(call)), flush=True)
        time.sleep(0.1)


def configure(service, *files):
    """Makes oslo.config's global configuration that of a service; a plugin has no files, and no folders
    where to look for them.
    """
    cfg.CONF([], project=service, default_config_files=list(files), default_config_dirs=[])


def outcome(call):
    """What a call returned, or the class and the text of what it raised."""
    try:
        return {'returned': call()}
    except Exception as error:
        # Behind it stands a traceback. That of a `KeyError` is quoted.
        text = str(error.args[0] if isinstance(error, KeyError) else error).partition('\n')[0]
        return {'raised': type(error).__name__, 'text': text, **known(error)}


def known(error):
    """Whether it was executed, where a plugin's exceptions say it and nobody answered."""
    executed = getattr(error, 'outcome', 'executed')
    return {} if executed == 'executed' else {'outcome': executed}
