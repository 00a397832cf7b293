"""Python's clocks, read from the host's.

A component that is built without what it does not use has no clock of its own: the C library's
would trap. A plugin that imports `time`, or has a package that does, is given the host's.
"""

import errno
import sys
import time
import types
from typing import Any, SupportsIndex

# The compiled `datetime` reads the C library's clock, the one that is written in Python the functions
# below. What the toolchain has imported before has the compiled one, which therefore has to stay: its
# classes read the memory of a module that is gone.
_COMPILED = sys.modules.get('_datetime')
sys.modules['_datetime'] = None  # type: ignore[assignment]
sys.modules.pop('datetime', None)
# It is made of the compiled one.
sys.modules['_zoneinfo'] = None  # type: ignore[assignment]

from oslo_messaging_guest import _wit

from . import phase

_BILLION = 1_000_000_000
_ORIGINAL = {name: getattr(time, name) for name in (
    'time_ns', 'monotonic_ns', 'sleep', 'localtime', 'gmtime', 'ctime', 'asctime', 'strftime',
    'clock_gettime_ns', 'clock_getres', 'get_clock_info')}


def install() -> None:
    """Puts these in the place of the module's functions, also where they have another name."""
    before = dict(vars(time))
    _replace()
    replaced = {id(it): name for name, it in before.items() if it is not vars(time)[name]}
    for module in list(sys.modules.values()):
        if module is time:
            continue
        for name, value in list(getattr(module, '__dict__', {}).items()):
            if id(value) in replaced:
                setattr(module, name, vars(time)[replaced[id(value)]])


def _replace() -> None:
    time.time_ns = _wall
    time.time = lambda: _wall() / _BILLION
    for name in _STEADY_NAMES:
        setattr(time, f'{name}_ns', _steady)
        setattr(time, name, lambda: _steady() / _BILLION)
    time.clock_gettime_ns = _of_clock
    time.clock_gettime = lambda clock: _of_clock(clock) / _BILLION
    time.clock_getres = _resolution
    time.get_clock_info = _info
    time.sleep = _sleep
    for name in ('localtime', 'gmtime', 'ctime'):
        setattr(time, name, _at_now(_ORIGINAL[name]))
    time.asctime = lambda t=None: _ORIGINAL['asctime'](time.localtime() if t is None else t)
    time.strftime = lambda form, t=None: _ORIGINAL['strftime'](
        form, time.localtime() if t is None else t)


def _at_now(function: Any) -> Any:
    return lambda seconds=None: function(time.time() if seconds is None else seconds)


def _wall() -> int:
    if not phase.running:
        return int(_ORIGINAL['time_ns']())
    now = _host('clocks_wall_clock').now()
    return int(now.seconds * _BILLION + now.nanoseconds)


def _steady() -> int:
    if not phase.running:
        return int(_ORIGINAL['monotonic_ns']())
    return int(_host('clocks_monotonic_clock').now())


def _of_clock(clock: int) -> int:
    if not phase.running:
        return int(_ORIGINAL['clock_gettime_ns'](clock))
    return _wall() if _is_wall(clock) else _steady()


def _resolution(clock: int) -> float:
    if not phase.running:
        return float(_ORIGINAL['clock_getres'](clock))
    if not _is_wall(clock):
        return float(_host('clocks_monotonic_clock').resolution() / _BILLION)
    length = _host('clocks_wall_clock').resolution()
    return float(length.seconds + length.nanoseconds / _BILLION)


def _is_wall(clock: int) -> bool:
    if clock == time.CLOCK_REALTIME:
        return True
    # Those of the process and its threads are not on every system.
    if clock not in [getattr(time, it, None) for it in _STEADY]:
        raise OSError(errno.EINVAL, f'a plugin has no clock {clock!a}')
    return False


def _info(name: str) -> Any:
    if not phase.running:
        return _ORIGINAL['get_clock_info'](name)
    if name not in ('time', *_STEADY_NAMES):
        raise ValueError('unknown clock')
    is_wall = name == 'time'
    clock = time.CLOCK_REALTIME if is_wall else time.CLOCK_MONOTONIC
    return types.SimpleNamespace(
        implementation=f'wasi:clocks/{"wall" if is_wall else "monotonic"}-clock',
        monotonic=not is_wall, adjustable=is_wall, resolution=_resolution(clock))


_STEADY = ('CLOCK_MONOTONIC', 'CLOCK_PROCESS_CPUTIME_ID', 'CLOCK_THREAD_CPUTIME_ID')
_STEADY_NAMES = ('monotonic', 'perf_counter', 'process_time', 'thread_time')


def _sleep(length: float | SupportsIndex) -> None:
    seconds = float(length)
    if seconds < 0:
        raise ValueError('sleep length must be non-negative')
    if seconds * _BILLION >= 2 ** 63:
        raise OverflowError('sleep length is too large')
    if not phase.running:
        _ORIGINAL['sleep'](seconds)
        return
    with _host('clocks_monotonic_clock').subscribe_duration(int(seconds * _BILLION)) as pollable:
        pollable.block()


def _host(name: str) -> Any:
    interface = _wit.optional(name)
    if interface is None:
        raise OSError(errno.ENOSYS, 'this plugin was built without a clock: neither its sources nor its '
                      'packages import `time`, `datetime`, `logging` or `threading`, or its world exports '
                      'no endpoints, and has no `wasi:clocks` of its own')
    return interface
