"""What code reads of `transport.conf`."""

import copy
import sys
from typing import Any

from . import _wit
from .errors import Errors
from .target import Target
from .values import required_text

DEFAULT = 'default'

#: Upstream's, and what a service's own code takes for "nobody said anything".
_UPSTREAMS_EXCHANGE = 'openstack'
_exchange = _UPSTREAMS_EXCHANGE


def set_transport_defaults(control_exchange: str) -> None:
    """The exchange of targets that name none, for all transports of the plugin.

    `openstack`, upstream's own default, leaves it to the operator's transport.
    """
    global _exchange
    _exchange = control_exchange
    cfg = sys.modules.get('oslo_config.cfg')
    if cfg is not None:
        cfg.set_defaults(_options(cfg), control_exchange=control_exchange)


def default_exchange(conf: Any) -> str | None:
    """The exchange that a configuration names; None: the operator's."""
    exchange = getattr(conf, 'control_exchange', None)
    return None if exchange == _UPSTREAMS_EXCHANGE else exchange


def notification_options(conf: Any) -> tuple[list[str], list[str] | None, int | None]:
    """Drivers, topics and `retry` for notifiers; no topics: the first that the
    operator granted."""
    group = getattr(conf, _NOTIFICATIONS)
    topics = None if group.topics == _NOTIFIED['topics'] else group.topics
    drivers = [group.driver] if isinstance(group.driver, str) else group.driver
    return drivers, topics, group.retry


def prepared(conf: Any) -> Any:
    """A configuration of oslo.config, with the options that oslo.messaging registers in it."""
    cfg = sys.modules.get('oslo_config.cfg')
    if cfg is not None and isinstance(conf, cfg.ConfigOpts):
        conf.register_opts(_options(cfg))
    return conf


def with_notifications(conf: Any) -> Any:
    """The same configuration, with the group that code asks whether anybody is notified."""
    cfg = sys.modules.get('oslo_config.cfg')
    if cfg is not None and isinstance(conf, cfg.ConfigOpts):
        conf.register_opts(_notification_options(cfg), group=_NOTIFICATIONS)
    elif isinstance(conf, Conf) and _NOTIFICATIONS not in conf.__dict__:
        group = Conf(DEFAULT)
        # Its lists are this one's, to be added to.
        group.__dict__.update(copy.deepcopy(_NOTIFIED))
        conf.__dict__[_NOTIFICATIONS] = group
    return conf


class Conf:
    """What a transport has that was made without a configuration. Any attribute can be set."""

    def __init__(self, transport: str) -> None:
        self._transport = transport
        self.transport_url = 'rabbit://'

    @property
    def rpc_response_timeout(self) -> float:
        """The seconds that a call may take of which nothing else is said, as the host says.

        :raises AccessDenied: when the host granted no transport of this name
        :raises InvalidArgument: when the name is no text
        :raises LimitExceeded: when the plugin has too many clients open
        """
        given = self.__dict__.get('rpc_response_timeout')
        if given is not None:
            return float(given)
        if not _wit.is_live():
            return 60
        interface, types = _wit.needed('client'), _wit.needed('types')
        nowhere = types.Target(None, None, None, None, None, False)
        name = required_text('name', self._transport)
        with Errors(Target(), None), interface.Client.open(name, nowhere, None) as client:
            return float(client.timeout() / 1_000_000_000)

    @rpc_response_timeout.setter
    def rpc_response_timeout(self, seconds: float) -> None:
        self.__dict__['rpc_response_timeout'] = seconds

    @property
    def control_exchange(self) -> str:
        """The exchange of targets that name none."""
        return str(self.__dict__.get('control_exchange', _exchange))

    @control_exchange.setter
    def control_exchange(self, exchange: str) -> None:
        self.__dict__['control_exchange'] = exchange

    def register_opt(self, opt: Any, group: Any = None) -> bool:
        """Has the option's default from now on, unless it was set; groups are attributes."""
        if group is not None:
            name = getattr(group, 'name', group)
            if name not in self.__dict__:
                self.__dict__[name] = Conf(self._transport)
            return bool(self.__dict__[name].register_opt(opt))
        name = getattr(opt, 'dest', None) or opt.name.replace('-', '_')
        if hasattr(self, name):
            return False
        self.__dict__[name] = opt.default
        return True

    def register_opts(self, opts: Any, group: Any = None) -> None:
        """As `register_opt`, for many."""
        for opt in opts:
            self.register_opt(opt, group)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f'`{name}` is not in this configuration: nothing registered it, and '
                             f'a plugin has no configuration files')


def _options(cfg: Any) -> list[Any]:
    # The same objects each time: oslo.config refuses an option that it has with another default.
    if not _registered:
        _registered.extend([
            cfg.StrOpt('control_exchange', default=_exchange),
            cfg.IntOpt('rpc_response_timeout', default=60),
            cfg.StrOpt('transport_url', default='rabbit://', secret=True),
        ])
    return _registered


def _notification_options(cfg: Any) -> list[Any]:
    if not _registered_of_notifications:
        _registered_of_notifications.extend([
            cfg.MultiStrOpt('driver', default=_NOTIFIED['driver']),
            cfg.StrOpt('transport_url', secret=True),
            cfg.ListOpt('topics', default=_NOTIFIED['topics']),
            cfg.IntOpt('retry', default=_NOTIFIED['retry']),
        ])
    return _registered_of_notifications


_registered: list[Any] = []
_registered_of_notifications: list[Any] = []
_NOTIFICATIONS = 'oslo_messaging_notifications'
# The driver is not upstream's default, which sends nothing: what may be sent the host decides.
_NOTIFIED: dict[str, Any] = {
    'driver': ['messagingv2'], 'transport_url': None, 'topics': ['notifications'], 'retry': -1}
