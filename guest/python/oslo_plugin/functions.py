"""The exports of a plugin for a world of functions: those of its module, by their names."""

from . import start  # isort: skip

start.install()

import functools
import inspect
from typing import Any

import plugin

from . import modules

modules.complete(plugin)


class WitWorld:
    """The exports. A function that raises ends the instance, with a traceback on its stderr."""

    def __getattr__(self, name: str) -> Any:
        function = getattr(plugin, name)
        if inspect.iscoroutinefunction(function):
            @functools.wraps(function)
            async def later(*args: Any) -> Any:
                start.start()
                return await function(*args)
            return later

        @functools.wraps(function)
        def now(*args: Any) -> Any:
            start.start()
            return function(*args)
        return now
