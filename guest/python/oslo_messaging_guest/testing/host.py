"""A host of transports that are played: the interfaces that a plugin imports, as plain Python."""

import asyncio
from types import SimpleNamespace
from typing import Any, Protocol, Self

from .. import _wit
from ..values import NAMES
from . import bindings
from .bindings import Err, Ok, error
from .notifier import Notifies, interfaces


class Player(Notifies, Protocol):
    """What answers the messages of one transport."""

    def answer(self, settings: dict[str, Any], context: str, method: str, args: str,
               is_cast: bool) -> tuple[float, str | Err]:
        """How long it takes, in seconds, and what comes then."""

    def wait(self, seconds: float) -> None:
        """Lets a length of time pass."""

    async def wait_async(self, seconds: float) -> None:
        """The same beside other tasks."""


class Options:
    """`client.options`."""

    def __init__(self) -> None:
        self.given: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.given = {}

    def __getattr__(self, name: str) -> Any:
        setting = name.removeprefix('set_')
        if not name.startswith('set_') or setting not in NAMES:
            raise AttributeError(name)
        return lambda value: self.given.__setitem__(setting, value)


class Client:
    """`client.client`."""

    def __init__(self, name: str, player: Player, settings: dict[str, Any]) -> None:
        checked(settings)
        self.name = name
        self.player = player
        self.settings = settings

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def with_options(self, options: Options | None) -> dict[str, Any]:
        """Its settings for one message."""
        return {**self.settings, **(options.given if options is not None else {})}

    def prepare(self, options: Options) -> 'Client':
        return Client(self.name, self.player, self.with_options(options))

    def can_send_version(self, version: str | None) -> bool:
        asked = self.settings['version'] if version is None else version
        if asked is not None:
            _parsed(asked, 'version')
        return fits(self.settings['version_cap'], asked)

    def transport(self) -> str:
        return self.name

    def target(self) -> Any:
        values = [self.settings[name] for name in NAMES[:6]]
        return bindings.Target(*values[:5], bool(values[5]))

    def timeout(self) -> int:
        return round(self.player.timeout * 10**9) if self.settings['timeout'] is None else int(
            self.settings['timeout'])

    def reply_bytes(self) -> int:
        given = self.settings['reply_bytes']
        return _LIMITS['reply_bytes'] if given is None else min(given, _LIMITS['reply_bytes'])

    def __getattr__(self, name: str) -> Any:
        if name not in NAMES:
            raise AttributeError(name)
        return lambda: self.settings[name]


def checked(settings: dict[str, Any]) -> None:
    """Refuses settings as a host does."""
    for name in ('version', 'version_cap'):
        if settings[name] is not None:
            _parsed(settings[name], name.replace('_', '-'))
    monitor = settings['call_monitor_timeout']
    if monitor is not None and monitor < 2 * 10**9:
        raise error('InvalidArgument', 'call-monitor-timeout', 'it must be at least 2 s')
    for name in NAMES[:5]:
        if len((settings[name] or '').encode()) > 255:
            raise error('InvalidArgument', name, 'it may have 255 bytes')


def fits(cap: str | None, version: str | None) -> bool:
    """Whether a version may be sent, or a server of one understands a message of another."""
    if cap is None:
        return True
    if version is None:
        return False
    (major, *minor), (wanted, *rest) = _parsed(cap, 'version-cap'), _parsed(version, 'version')
    return major == wanted and minor + [0] >= rest


def _parsed(version: str, name: str) -> list[int]:
    parts = version.split('.')
    if len(parts) not in (2, 3) or not all(it.isdigit() for it in parts):
        raise error('InvalidArgument', name, f'`{version}` is not `major.minor`')
    return [int(it) for it in parts]


def host(players: dict[str, Player]) -> _wit.Host:
    """A host that has granted these transports, by name."""
    def opened(name: str, target: Any, options: Options | None) -> Client:
        if name not in players:
            raise error('AccessDenied', 'default', f'no transport `{name}` is granted')
        settings = {**dict.fromkeys(NAMES), **vars(target)}
        return Client(name, players[name], {**settings, **(options.given if options else {})})

    client = SimpleNamespace(Options=Options, Client=SimpleNamespace(open=opened),
                             transports=lambda: sorted(players))
    limits = SimpleNamespace(
        remaining=lambda: None,
        **{name: lambda value=value: value for name, value in _LIMITS.items()})
    return _wit.Host({
        'types': bindings.TYPES, 'client': client, 'limits': limits,
        'rpc': SimpleNamespace(call=_call, cast=_cast, call_all=_call_all,
                               Request=bindings.Request),
        'rpc_async': SimpleNamespace(call=_call_async, cast=_cast_async),
        **interfaces(players),
    }, Err, is_live=True)


def _call(client: Client, context: str, method: str, args: str, options: Options | None) -> str:
    seconds, came = client.player.answer(
        client.with_options(options), context, method, args, False)
    client.player.wait(seconds)
    return _value(came)


def _cast(client: Client, context: str, method: str, args: str, options: Options | None) -> None:
    _, came = client.player.answer(client.with_options(options), context, method, args, True)
    _value(came)


async def _call_async(client: Client, context: str, method: str, args: str,
                      options: Options | None) -> str:
    seconds, came = client.player.answer(
        client.with_options(options), context, method, args, False)
    await client.player.wait_async(seconds)
    return _value(came)


async def _cast_async(client: Client, context: str, method: str, args: str,
                      options: Options | None) -> None:
    _cast(client, context, method, args, options)
    await asyncio.sleep(0)


def _call_all(requests: list[Any]) -> list[Any]:
    results, longest = [], 0.0
    for it in requests:
        settings = it.client.with_options(it.options)
        seconds, came = it.client.player.answer(settings, it.context, it.method, it.args, False)
        longest = max(longest, seconds)
        results.append(came if isinstance(came, Err) else Ok(came))
    if requests:
        requests[0].client.player.wait(longest)
    return results


def _value(came: str | Err) -> str:
    if isinstance(came, Err):
        # Out of a frame that has it, as the bindings do.
        raise came
    return came


# Those of a host that says nothing else.
_LIMITS = {'request_bytes': 16 << 20, 'reply_bytes': 64 << 20, 'held_reply_bytes': 128 << 20,
           'calls_in_flight': 128, 'pending_calls': 1024, 'requests': 1024}
