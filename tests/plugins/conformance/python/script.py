"""What both conformance plugins share: settings, clients and messages of a script."""

from typing import Any

import oslo_messaging_guest as messaging

# Whether a setting is a duration, by its name in a script.
_SETTINGS = {
    'exchange': False, 'topic': False, 'namespace': False, 'version': False, 'server': False,
    'fanout': False, 'timeout': True, 'version-cap': False, 'retry': False,
    'call-monitor-timeout': True, 'mandatory': False, 'reply-bytes': False}


class Clients:
    """The clients of a script, by number; the first is the opened one."""

    def __init__(self, open_: dict[str, Any], get_rpc_client: Any) -> None:
        transport = messaging.get_rpc_transport(name=open_.get('transport', 'default'))
        target = messaging.Target(**open_.get('target', {}))
        self._clients = [prepared(get_rpc_client(transport, target), open_.get('settings', {}))]

    def find(self, step: dict[str, Any]) -> Any:
        """The client that a step uses: that of its number, or the newest."""
        number = step.get('client')
        if number is None:
            return next(client for client in reversed(self._clients) if client is not None)
        client = self._clients[number]
        if client is None:
            raise LookupError(f'client {number} was dropped')
        return client

    def prepare(self, step: dict[str, Any]) -> None:
        self._clients.append(prepared(self.find(step), step.get('settings', {})))

    def drop(self, step: dict[str, Any]) -> None:
        client = self.find(step)
        self._clients[self._clients.index(client)] = None
        client.close()

    def ask(self, step: dict[str, Any]) -> Any:
        """What a step that sends nothing gives."""
        match step['op']:
            case 'prepare':
                return self.prepare(step)
            case 'drop':
                return self.drop(step)
            case 'can-send-version':
                version = step.get('version')
                given = [] if version is None else [version]
                return self.find(step).can_send_version(*given)
            case 'describe':
                return _described(self.find(step).describe())
            case 'transports':
                return messaging.transports()
            case 'limits':
                return {_kebab(name): value for name, value in vars(messaging.limits()).items()}
            case 'remaining':
                return _nanoseconds(messaging.remaining())
            case other:
                raise ValueError(f'this plugin has no `{other}`')


def prepared(client: Any, settings: Any) -> Any:
    """A client with a script's settings, which may be a list of objects."""
    for given in settings if isinstance(settings, list) else [settings]:
        options = dict(_option(name, value) for name, value in given.items())
        if options:
            client = client.prepare(**options)
    return client


def _option(name: str, value: Any) -> tuple[str, Any]:
    if _SETTINGS[name] and value is not None:
        value /= 1_000_000_000
    if name == 'mandatory':
        return 'transport_options', None if value is None else messaging.TransportOptions(value)
    return name.replace('-', '_'), value


def _described(it: messaging.Description) -> dict[str, Any]:
    target = {name: value for name, value in vars(it.target).items()
              if name != 'accepted_namespaces'}
    durations = {name: _nanoseconds(getattr(it, name))
                 for name in ('timeout', 'call_monitor_timeout')}
    return {_kebab(name): value for name, value in {
        **vars(it), **durations, 'target': target}.items()}


def _nanoseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1_000_000_000)


def _kebab(name: str) -> str:
    return name.replace('_', '-')


def is_raw(message: dict[str, Any]) -> bool:
    """Whether a message has texts that are sent as they are, which the SDK's methods never do."""
    return 'context-text' in message or 'args-text' in message


def raw(message: dict[str, Any]) -> tuple[str, str, str]:
    """The context, method and arguments of such a message."""
    return message.get('context-text', '{}'), message['method'], message.get('args-text', '{}')
