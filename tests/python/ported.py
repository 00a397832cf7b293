"""Runs `tests/plugins/ported/python/inventory.py` on the real oslo.messaging.

The line that imports the plugins' package is changed back, and nothing else.
"""

import argparse
import types

import oslo_messaging

import peer

PLUGIN = 'import oslo_messaging_guest as messaging  # the import\n'
SERVICE = 'import oslo_messaging as messaging  # the import\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--file', required=True)
    parser.add_argument('--url', required=True)
    parser.add_argument('--topic', required=True)
    args = parser.parse_args()

    with open(args.file, encoding='utf-8') as file:
        source = file.read()
    if source.count(PLUGIN) != 1:
        raise SystemExit(f'{args.file} does not have this line once: {PLUGIN}')
    inventory = types.ModuleType('inventory')
    exec(compile(source.replace(PLUGIN, SERVICE), args.file, 'exec'), vars(inventory))

    conf = peer.configure([])
    inventory.run(oslo_messaging.get_rpc_transport(conf, url=args.url), args.topic)


if __name__ == '__main__':
    main()
