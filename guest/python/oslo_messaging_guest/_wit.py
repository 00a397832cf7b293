"""The interfaces of the host: those of the plugin's world, or those that `testing` plays."""

import importlib
from collections.abc import Mapping
from typing import Any

# The build gives them these names, which no interface of an author's own world has.
_MESSAGING = ('types', 'client', 'limits', 'rpc', 'rpc_async', 'serving', 'notifier',
              'notifier_async', 'notification')
_WASI = ('cli_environment', 'cli_stdout', 'cli_stderr', 'random_random', 'clocks_monotonic_clock',
         'clocks_wall_clock')


class NoHost(RuntimeError):
    """There is no host to be called, or it has no such interface: the plugin is made wrong."""


class Host:
    """Interfaces by name, and the exception that their functions raise."""

    def __init__(self, interfaces: Mapping[str, Any], err: type[Exception] | None,
                 is_live: bool) -> None:
        self.interfaces = interfaces
        self.err = err
        #: Whether it can be called now.
        self.is_live = is_live


def _of_the_world() -> Host:
    # While the plugin is built: what is not imported then does not exist later.
    interfaces = {name: _module(f'wit_world.imports.oslo_messaging_{name}') for name in _MESSAGING}
    interfaces |= {name: _module(f'wit_world.imports.wasi_{name}') for name in _WASI}
    types = _module('componentize_py_types')
    return Host(interfaces, types and types.Err, is_live=False)


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        return None


_host = _of_the_world()


def start() -> None:
    """Says that the plugin runs now, and is not being built any more."""
    _host.is_live = True


def play(host: Host) -> Host:
    """Puts another host in the place of this one, which it returns."""
    global _host
    before, _host = _host, host
    return before


def is_live() -> bool:
    """Whether there is a host that can be called: not while a plugin is built."""
    return _host.is_live


def is_error(error: BaseException) -> bool:
    """Whether it is what functions of the host raise for an error of theirs."""
    return _host.err is not None and isinstance(error, _host.err)


def optional(name: str) -> Any:
    """An interface; None where the plugin's world has none of this name."""
    return _host.interfaces.get(name)


def needed(name: str) -> Any:
    """An interface of this project.

    :raises NoHost: where there is none; it says why
    """
    interface = _host.interfaces.get(name)
    if interface is None:
        raise NoHost(_why_not(name))
    if not _host.is_live:
        raise NoHost('the host can be called when the plugin runs, and not while it is built: move '
                     'the call into a function')
    return interface


def _why_not(name: str) -> str:
    if _host.interfaces.get('types') is None:
        return ('there is no host here: a plugin runs in one, after `oslo-plugin build`, and its '
                'tests give it one with `oslo_messaging_guest.testing`')
    if name in ('rpc', 'rpc_async'):
        return (f"the plugin's world has no `{name.replace('_', '-')}`: a command with `def main` "
                'uses RPCClient, one with `async def main` aio.RPCClient')
    if name in ('notifier', 'notifier_async'):
        world = 'imports-notifier' if name == 'notifier' else 'imports-notifier-async'
        return (f"the plugin's world has no `{name.replace('_', '-')}`: include "
                f'`oslo:messaging/{world}@0.1.0` in it; a command with `def main` uses Notifier, one '
                'with `async def main` aio.Notifier')
    return f"the plugin's world has no `{name.replace('_', '-')}`"
