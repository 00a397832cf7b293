"""Calls of the client of `neutron_lib.rpc`, which gives a method more time when it was not answered."""

import logging
import re
import sys
import time

import oslo_messaging
from neutron_lib import context, rpc
from oslo_config import cfg

import who

# In seconds, of which neutron has sixty times as many.
TIMEOUT = 1
MOST = 10
# A machine that is busy takes longer for everything.
SLACK = 3


def calls():
    """Functions that make the calls, by what is printed of them."""
    # Neutron registers it.
    cfg.CONF.register_opt(cfg.IntOpt('rpc_response_max_timeout', default=600))
    rpc.init(cfg.CONF)
    client = rpc.get_client(oslo_messaging.Target(topic='objects', version='1.0'))
    cfg.CONF.set_override('rpc_response_timeout', TIMEOUT)
    cfg.CONF.set_override('rpc_response_max_timeout', MOST)
    ctxt = context.Context(**who.WHO, request_id='req-client')
    heard = Heard()
    logging.getLogger('neutron_lib.rpc').addHandler(heard)

    def first():
        # To connect takes longer.
        there, value = client.prepare(timeout=40).call(ctxt, 'told', value=1)
        return [value, {name: it for name, it in there.items() if name != 'timestamp'}]

    def late(method='late', seconds=MOST + TIMEOUT, **options):
        """What becomes of a call whose answer takes so long, and the timeouts from then on."""
        heard.lines.clear()
        timeout = options.get('timeout', known().get(method, TIMEOUT))
        begin = time.monotonic()
        try:
            came = client.prepare(**options).call(ctxt, method, seconds=seconds)
        except oslo_messaging.MessagingTimeout:
            # It naps after that, as long as the first timeout at most.
            whole = time.monotonic() - begin
            if not timeout <= whole < timeout + TIMEOUT + SLACK:
                sys.exit(f'{method} was waited for {whole} s, and not {timeout} s')
            came = f'no answer in {timeout} s'
        return {'came': came, 'said': heard.lines[:], 'timeouts': known()}

    def lowered():
        client.set_max_timeout(4)
        return [late(), late('later', 3)]

    def started_again():
        rpc.cleanup()
        rpc.init(cfg.CONF)
        return known()

    return {
        'what it is': lambda: [type(client).__name__, rpc.TRANSPORT.conf.rpc_response_timeout,
                               rpc.TRANSPORT.conf.rpc_response_max_timeout],
        'first': first,
        'in time': lambda: late(seconds=0),
        'late': late,
        'late after twice the time': late,
        'late after four times the time': late,
        'late after eight times the time': late,
        'late after all of the time': late,
        'in the time that it has now': lambda: late(seconds=TIMEOUT + 2),
        'another method': lambda: late('later', TIMEOUT + 1),
        'another method, in time': lambda: late('later', TIMEOUT),
        'as long as its caller says': lambda: late(timeout=2),
        'a lower ceiling': lowered,
        'cast': lambda: client.cast(ctxt, 'late', seconds=0),
        'an exception of neutron': lambda: client.call(ctxt, 'no_network'),
        'started again': started_again,
    }


def known():
    """The timeouts of methods that were called."""
    return dict(rpc._BackingOffContextWrapper._METHOD_TIMEOUTS)


class Heard(logging.Handler):
    """What the client writes into its log."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        # How long it naps is by chance.
        self.lines.append(re.sub(r'Waiting for \d+', 'Waiting for some', record.getMessage()))
