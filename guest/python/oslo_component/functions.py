"""The exports of a plugin for a world of its own: functions of its module, by their names.

The functions of an exported interface are those of a class that has the interface's name, such as
`Handler`, or else functions of the module as well. The classes of its resources have their names.
`rpc-endpoint` and its twin with `async` are the SDK's, for the `server` that the module has, and
`notification-endpoint` and its twin for the `listener`.
"""

from . import start  # isort: skip

start.install()

import functools
import importlib
import importlib.util
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import plugin
import wit_world

from . import modules, needs

_IMPORTED = modules.complete()


def _started(function: Callable[..., Any]) -> Callable[..., Any]:
    # Not `async` itself where the function is: what follows the call needs the start, too.
    @functools.wraps(function)
    def export(*args: Any, **kwargs: Any) -> Any:
        start.start()
        return function(*args, **kwargs)

    return export


def _function(name: str, where: str) -> Any:
    function = getattr(plugin, name, None)
    if function is None:
        raise ImportError(f'plugin.py has no function `{name}`, which {where} exports')
    started = _started(function)
    return lambda _, *args: started(*args)


def _of_the_sdk() -> dict[str, type]:
    # Only those of this world: others import what its bindings lack, or what makes a component larger.
    exports = vars(importlib.import_module('wit_world.exports')) if _has_interfaces() else {}
    classes = {}
    for name, (wanted, module) in {
            'RpcEndpoint': ('server', 'served'),
            'RpcEndpointAsync': ('server', 'served_async'),
            'NotificationEndpoint': ('listener', 'heard'),
            'NotificationEndpointAsync': ('listener', 'heard_async')}.items():
        if name in exports and hasattr(plugin, wanted):
            classes[name] = importlib.import_module(f'oslo_component.{module}').interface(plugin)
    return classes


def _has_interfaces() -> bool:
    return importlib.util.find_spec('wit_world.exports') is not None


_OF_THE_SDK = _of_the_sdk()
if _OF_THE_SDK:
    needs.check_endpoints(_IMPORTED)


def _interface(name: str, protocol: Any) -> type:
    """A class that exports an interface."""
    # The SDK's first: an author's own endpoints may well have the same name.
    author = _OF_THE_SDK.get(name, getattr(plugin, name, None))
    if not isinstance(author, type):
        where = f'the interface `{name}` of its world'
        return type(name, (protocol,), {
            it: _function(it, where) for it in protocol.__abstractmethods__})
    return _all_started(name, author, protocol)


def _resource(name: str, protocol: Any) -> type:
    author = getattr(plugin, name, None)
    if not isinstance(author, type):
        raise ImportError(f'plugin.py has no class `{name}`, which its world exports as a resource')
    return _all_started(name, author, protocol)


def _all_started(name: str, author: type, protocol: Any) -> type:
    """The author's class, whose methods find a started plugin."""
    methods: dict[str, Any] = {}
    for it in protocol.__abstractmethods__:
        found = author.__dict__.get(it, getattr(author, it, None))
        if found is None:
            raise ImportError(f'the class `{name}` of plugin.py has no `{it}`, which its world '
                              'exports')
        kind = type(found) if isinstance(found, (classmethod, staticmethod)) else None
        started = _started(found.__func__ if kind else found)
        methods[it] = kind(started) if kind else started
    # What the bindings call of an `async func`, and what calls the author's in its turn.
    methods.update((it, vars(protocol)[it]) for it in vars(protocol)
                   if it.startswith('_async_start_'))
    return type(name, (author,), methods)


def _protocols(module: Any) -> Iterator[tuple[str, Any]]:
    for name, value in list(vars(module).items()):
        # The module imports other abstract classes, which are no protocols.
        if (isinstance(value, type) and getattr(value, '_is_protocol', False)
                and getattr(value, '__abstractmethods__', None)):
            yield name, value


def _export(exports: Any) -> None:
    """Puts the classes of interfaces here, and those of resources where the bindings look."""
    for name, protocol in _protocols(exports):
        globals()[name] = _interface(name, protocol)
    for module in [it for it in vars(exports).values() if isinstance(it, types.ModuleType)]:
        # Their types; of these the resources are to be written by the author.
        package, _, interface = module.__name__.rpartition('.')
        classes = {name: _resource(name, protocol) for name, protocol in _protocols(module)}
        if package == exports.__name__ and classes:
            # A module that has the interface's name.
            there = sys.modules.setdefault(interface, types.ModuleType(interface))
            vars(there).update(classes)


# A function that raises ends the instance, with a traceback on its standard error.
if hasattr(wit_world, 'WitWorld'):
    WitWorld = type('WitWorld', (wit_world.WitWorld,), {
        it: _function(it, 'its world') for it in wit_world.WitWorld.__abstractmethods__})
if _has_interfaces():
    _export(importlib.import_module('wit_world.exports'))


def __getattr__(name: str) -> Any:
    # An interface that is written into the world itself: the bindings want a class for it, and do
    # not say what is in it.
    if not name[:1].isupper():
        raise AttributeError(name)
    author = getattr(plugin, name, None)
    functions = author() if isinstance(author, type) else plugin

    def of_interface(_: Any, function: str) -> Any:
        return _started(getattr(functions, function))

    return type(name, (), {'__getattr__': of_interface})
