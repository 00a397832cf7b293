"""The exports of a plugin for a world of functions: those of its module, by their names."""

from . import start  # isort: skip

start.install()

import functools
from typing import Any

import plugin
import wit_world

from . import modules

modules.complete(plugin)


def _export(name: str) -> Any:
    function = getattr(plugin, name, None)
    if function is None:
        raise ImportError(f'plugin.py has no function `{name}`, which its world exports')

    # Not `async` itself where the function is: what follows the call needs the start, too.
    @functools.wraps(function)
    def export(_: Any, *args: Any) -> Any:
        start.start()
        return function(*args)

    return export


# A function that raises ends the instance, with a traceback on its standard error.
WitWorld = type('WitWorld', (wit_world.WitWorld,), {
    name: _export(name) for name in wit_world.WitWorld.__abstractmethods__})
