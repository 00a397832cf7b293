"""No operating system of its own: what would ask for it raises OSError, where the C library would trap."""

import _lsprof
import errno
import faulthandler
import os
import posix
import signal
import sys
import types
from typing import Any, NoReturn

from . import phase
from .phase import only_at_build

# What answers out of itself, or out of what it was made with.
_HARMLESS = {
    'WCOREDUMP', 'WEXITSTATUS', 'WIFCONTINUED', 'WIFEXITED', 'WIFSIGNALED', 'WIFSTOPPED', 'WSTOPSIG',
    'WTERMSIG', '_create_environ', '_inputhook', '_is_inputhook_installed', '_path_normpath',
    '_path_splitroot', '_path_splitroot_ex', 'confstr', 'cpu_count', 'fspath', 'getcwd', 'getcwdb',
    'getpid', 'major', 'makedev', 'minor', 'putenv', 'register_at_fork', 'strerror', 'sysconf',
    'umask', 'uname', 'unsetenv', 'urandom'}


def install() -> None:
    """Puts a check before every function of the operating system; those for files have theirs already."""
    posix._exit = os._exit = _exit
    for name, original in list(vars(posix).items()):
        if isinstance(original, types.BuiltinFunctionType) and name not in _HARMLESS:
            checked = staticmethod(only_at_build(f'os.{name}', 'operating system', original))
            setattr(posix, name, checked)
            if getattr(os, name, None) is original:
                setattr(os, name, checked)
    signal.raise_signal = _raise_signal
    # They write to a descriptor.
    for module, known_as, name in (
            (faulthandler, 'faulthandler', 'dump_traceback'), (faulthandler, 'faulthandler', 'enable'),
            (faulthandler, 'faulthandler', 'dump_traceback_later'), (sys, 'sys', '_debugmallocstats')):
        original = getattr(module, name, None)
        if original is not None:
            setattr(module, name, only_at_build(f'{known_as}.{name}', 'operating system', original))
    setattr(_lsprof, 'Profiler', Profiler)


class Profiler(_lsprof.Profiler):
    """It has a clock of the C library's."""

    __init__ = only_at_build('cProfile.Profile', 'operating system', _lsprof.Profiler.__init__)


def _exit(status: int) -> NoReturn:
    # What is left of a program that ends at once: the instance is the host's to end.
    raise SystemExit(status)


def _raise_signal(signalnum: int, /) -> None:
    if phase.running and signal.getsignal(signalnum) is signal.SIG_DFL:
        # It would end the instance.
        raise OSError(errno.ENOSYS, f'a plugin has no operating system, and signal {signalnum} no handler')
    _ORIGINAL(signalnum)


_ORIGINAL: Any = signal.raise_signal
