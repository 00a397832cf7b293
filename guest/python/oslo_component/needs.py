"""Which world a plugin needs. What was imported decides, and the build follows."""

import inspect
from typing import Any

from oslo_messaging_guest import _wit

# Those of threads wait with a timeout.
_CLOCKED = {'calendar', 'concurrent', 'datetime', 'logging', 'queue', 'sched', 'threading', 'time',
            'timeit'}


def check(main: Any, imported: set[str], is_async: bool) -> None:
    """Lets the build go on with the world that fits; for another one it is started again.

    :param main: what plugin.py has by this name
    :param imported: what the plugin's modules and its packages import
    :param is_async: whether this is the build for an `async def main`
    """
    if not callable(main):
        raise ImportError('plugin.py has no `def main(arguments)` and no `async def main(arguments)`')
    wants_async = _is_async(main)
    wants_clocks = _wants_clocks(imported)
    if (wants_async, wants_clocks) != (is_async, _has_clocks()):
        # The build reads this line.
        raise AnotherWorld(f'async={wants_async} clocks={wants_clocks}')


def check_endpoints(imported: set[str]) -> None:
    """The same for a plugin whose endpoints the SDK exports. Its own world may have clocks besides."""
    if _wants_clocks(imported) and not _has_clocks():
        raise AnotherWorld('async=False clocks=True')


def _wants_clocks(imported: set[str]) -> bool:
    return any(name.partition('.')[0] in _CLOCKED for name in imported)


def _has_clocks() -> bool:
    return _wit.optional('clocks_wall_clock') is not None


class AnotherWorld(ImportError):
    """The build has to be done again, for another world."""


def _is_async(main: Any) -> bool:
    call = getattr(type(main), '__call__', None)
    return inspect.iscoroutinefunction(main) or inspect.iscoroutinefunction(call)
