"""Which world a command needs. What was imported decides, and the build follows."""

import inspect
from typing import Any

from oslo_messaging_guest import _wit

_CLOCKED = {'calendar', 'datetime', 'logging', 'sched', 'time', 'timeit'}


def check(main: Any, imported: set[str], is_async: bool) -> None:
    """Lets the build go on with the world that fits; for another one it is started again.

    :param main: what plugin.py has by this name
    :param imported: what the plugin's modules and its packages import
    :param is_async: whether this is the build for an `async def main`
    """
    if not callable(main):
        raise ImportError('plugin.py has no `def main(arguments)` and no `async def main(arguments)`')
    wants_async = _is_async(main)
    wants_clocks = any(name.partition('.')[0] in _CLOCKED for name in imported)
    has_clocks = _wit.optional('clocks_wall_clock') is not None
    if (wants_async, wants_clocks) != (is_async, has_clocks):
        # The build reads this line.
        raise AnotherWorld(f'async={wants_async} clocks={wants_clocks}')


class AnotherWorld(ImportError):
    """The build has to be done again, for another world."""


def _is_async(main: Any) -> bool:
    call = getattr(type(main), '__call__', None)
    return inspect.iscoroutinefunction(main) or inspect.iscoroutinefunction(call)
