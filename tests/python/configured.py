"""A server that is configured as a service is, with oslo.config's own command line:

    configured.py EXCHANGE TOPIC URL [--config-file FILE | --config-dir FOLDER]...

An empty URL is the configuration's. It prints `{"ready": true}` when it listens, and stops when its
standard input ends.
"""

import os
import sys

from oslo_concurrency import lockutils
from oslo_config import cfg

import peer
import server


def main():
    exchange, topic, url, *arguments = sys.argv[1:]
    # Where services have it elsewhere; the names of queues that last are numbered under a lock.
    lockutils.set_defaults(lock_path=os.path.dirname(arguments[1]))
    # Values may refer to what services have.
    cfg.CONF.register_opts([cfg.StrOpt('mq_host'), cfg.StrOpt('my_ip')])
    cfg.CONF(arguments, project='peer', default_config_files=[], default_config_dirs=[])
    server.serve(cfg.CONF, url or None, exchange, topic, 'only')
    peer.say(ready=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == '__main__':
    main()
