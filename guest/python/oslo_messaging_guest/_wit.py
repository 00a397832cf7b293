"""The interfaces of the host. A plugin has those of its world, and natively there are none."""

import importlib
from types import ModuleType
from typing import Any


def _interface(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(f'wit_world.imports.{name}')
    except ModuleNotFoundError:
        return None


# While the plugin is built: what is not imported then does not exist later.
_INTERFACES = {name: _interface(name) for name in (
    'environment', 'monotonic_clock', 'random', 'rpc_client', 'rpc_client_async', 'stderr',
    'stdout', 'types', 'wall_clock')}


def optional(name: str) -> Any:
    """An interface; None where the plugin's world has none of this name."""
    return _INTERFACES[name]


def types() -> Any:
    """The types of the messages."""
    return _needed('types', 'this')


def client(surface: str) -> Any:
    """The interface of clients: `rpc_client` or `rpc_client_async`."""
    return _needed(surface, {
        'rpc_client': 'RPCClient',
        'rpc_client_async': 'aio.RPCClient',
    }[surface])


def _needed(name: str, what: str) -> Any:
    interface = _INTERFACES[name]
    if interface is None:
        there = _INTERFACES['types'] is not None
        reason = ('a command with `def main` uses RPCClient, one with `async def main` '
                  'aio.RPCClient' if there else 'it runs only in a plugin, built with '
                  '`cargo xtask build`')
        raise RuntimeError(f'{what} is not available here: {reason}')
    return interface
