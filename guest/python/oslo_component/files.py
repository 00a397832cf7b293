"""No files: what would reach for one raises OSError, where the C library would trap."""

import _io
import builtins
import errno
import importlib
import io
import os
import posix
import sys
from typing import Any

from . import phase
from .phase import false_at_run, only_at_build

_FILES = 'file system'
_NAMES = (
    'chdir', 'chmod', 'close', 'dup', 'dup2', 'fchdir', 'fchmod', 'fdatasync', 'fstat',
    'fsync', 'ftruncate', 'get_blocking', 'get_inheritable', 'get_terminal_size',
    'link', 'listdir', 'lseek', 'lstat', 'mkdir', 'open', 'pipe', 'posix_fadvise', 'posix_fallocate',
    'pread', 'preadv', 'pwrite', 'pwritev', 'read', 'readinto', 'readlink', 'readv', 'remove', 'rename',
    'replace', 'rmdir', 'scandir', 'set_blocking', 'set_inheritable', 'stat', 'symlink', 'truncate',
    'unlink', 'utime', 'write', 'writev')
#: They tell that there is no such thing, and raise nothing.
_ASKING = ('access', 'isatty')
#: Names of other modules, of which a build may have left some out, with what these need.
_MORE = {
    'fcntl': (_FILES, ('fcntl', 'flock', 'ioctl', 'lockf')),
    'select': ('file or socket to wait for (asyncio has one loop, that of `async def main`)',
               ('poll', 'select')),
}


class FileIO(_io.FileIO):
    """A file, which there is only while the plugin is built."""

    __init__ = only_at_build(
        'io.FileIO', 'file system', _io.FileIO.__init__)


def install() -> None:
    """Puts a check before every function that reaches for the file system."""
    _check(posix, 'os', _NAMES, os)
    for name in _ASKING:
        asked = staticmethod(false_at_run(getattr(posix, name)))
        for module in (posix, os):
            setattr(module, name, asked)
    for name, (needs, functions) in _MORE.items():
        try:
            _check(importlib.import_module(name), name, functions, needs=needs)
        except ModuleNotFoundError:
            continue
    opened = only_at_build('open', 'file system', builtins.open)
    builtins.open = io.open = _io.open = opened
    io.open_code = _io.open_code = only_at_build(
        'open', 'file system', io.open_code)
    io.FileIO = _io.FileIO = FileIO  # type: ignore[misc]
    sys.addaudithook(_opened)


def _opened(event: str, _: Any) -> None:
    # What opens a file out of the interpreter itself, as it does for the message of a SyntaxError, asks
    # here first, and goes on without one.
    if event == 'open' and phase.running:
        raise OSError(errno.ENOSYS, 'a plugin has no file system, and open() needs it')


def _check(module: Any, known_as: str, names: tuple[str, ...], *others: Any,
           needs: str = _FILES) -> None:
    for name in names:
        original = getattr(module, name, None)
        if original is not None:
            # Of a class that has it as an attribute it is no method, as the original is none.
            checked = staticmethod(only_at_build(f'{known_as}.{name}', needs, original))
            for it in (module, *others):
                setattr(it, name, checked)
