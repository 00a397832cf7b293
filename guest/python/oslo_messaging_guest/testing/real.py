"""A transport over the real oslo.messaging, for tests against a service or `fake://`."""

import contextlib
import importlib
import json
from typing import Any

from . import bindings
from .alias import is_alias
from .bindings import Err, error
from .played import Request, Transport
from .server import remote


class RealTransport(Transport):
    """A granted transport whose messages the real oslo.messaging sends, where it is installed.

    :param url: upstream's transport URL, such as `fake://` or `rabbit://user:password@host/`
    :param conf: upstream's configuration; None: `oslo_config.cfg.CONF`
    :raises RuntimeError: when oslo.messaging is not installed, or `use_alias` hides it
    """

    def __init__(self, url: str, name: str = 'default', timeout: float = 60.0,
                 conf: Any = None) -> None:
        super().__init__(name, timeout)
        self._real = _real()
        if conf is None:
            # Some of its options oslo.messaging has only there.
            conf = importlib.import_module('oslo_config.cfg').CONF
        #: Upstream's transport, to make servers with.
        self.transport = self._real.get_rpc_transport(conf, url)

    def __exit__(self, *_: object) -> None:
        super().__exit__(*_)
        self.transport.cleanup()

    def _delivered(self, settings: dict[str, Any], request: Request) -> tuple[float, str | Err]:
        messaging = self._real
        names = ('exchange', 'topic', 'namespace', 'version', 'server', 'fanout')
        target = messaging.Target(**{name: settings[name] for name in names})
        mandatory = settings['mandatory']
        if mandatory is None:
            mandatory = not request.is_cast
        monitor = settings['call_monitor_timeout']
        client = messaging.get_rpc_client(
            self.transport, target, timeout=request.timeout, retry=settings['retry'],
            call_monitor_timeout=None if monitor is None else monitor / 10**9,
            transport_options=messaging.TransportOptions(at_least_once=mandatory))
        send = client.cast if request.is_cast else client.call
        try:
            return 0, json.dumps(send(request.context, request.method, **request.args))
        except Exception as failure:
            return 0, self._error(failure, request, settings)

    def wait(self, seconds: float) -> None:
        """Nothing: it took its time."""

    async def wait_async(self, seconds: float) -> None:
        """Nothing: it took its time."""

    def _error(self, failure: Exception, request: Request, settings: dict[str, Any]) -> Err:
        messaging = self._real
        unknown = bindings.Outcome.UNKNOWN
        match failure:
            case messaging.RemoteError():
                return error('Remote', failure.exc_type, '', str(failure.value), '[]', '{}', [])
            case messaging.RPCDispatcherError():
                return remote(failure, 'oslo_messaging.rpc.dispatcher')
            case messaging.MessageUndeliverable():
                key = '.'.join(filter(None, [settings['topic'], settings['server']]))
                return error('NoSuchTarget', settings['exchange'] or 'openstack', key,
                             f'no queue takes messages to `{key}`')
            case messaging.MessagingTimeout():
                return error('Timeout', bindings.WaitingFor.REPLY, unknown,
                             round(request.timeout * 10**9), str(failure))
            case messaging.MessageDeliveryFailure():
                return error('DeliveryFailure', unknown, str(failure))
            case messaging.InvalidTarget():
                return error('InvalidTarget', str(failure))
            case messaging.MessagingException():
                return error('Other', unknown, f'{type(failure).__name__}: {failure}')
            case _:
                # One of Python's own, rebuilt: its first argument is text and traceback.
                return _without_traceback(failure)


def _without_traceback(failure: Exception) -> Err:
    text = str(failure.args[0] if failure.args else '').partition('\n')[0]
    with contextlib.suppress(Exception):
        failure.args = (text, *failure.args[1:])
    return remote(failure)


def _real() -> Any:
    try:
        found = importlib.import_module('oslo_messaging')
    except ModuleNotFoundError:
        raise RuntimeError('oslo.messaging is not installed: pip install oslo.messaging, or play '
                           'the service with `testing.Transport`') from None
    if is_alias(found):
        raise RuntimeError('use_alias() hides the real oslo.messaging from this process: test the '
                           'two in processes of their own')
    return found
