"""No files: what would reach for one raises OSError, where the C library would trap."""

import _io
import builtins
import errno
import io
import os
import posix
from typing import Any

from . import phase

_NAMES = (
    'access', 'chdir', 'chmod', 'close', 'dup', 'fstat', 'fsync', 'getcwd', 'getcwdb', 'isatty',
    'link', 'listdir', 'lseek', 'lstat', 'mkdir', 'open', 'read', 'readlink', 'remove', 'rename',
    'replace', 'rmdir', 'scandir', 'stat', 'symlink', 'truncate', 'unlink', 'utime', 'write')


def install() -> None:
    """Puts a check before every function that reaches for the file system."""
    for name in _NAMES:
        original = getattr(posix, name, None)
        if original is not None:
            checked = _checked(f'os.{name}', original)
            setattr(posix, name, checked)
            setattr(os, name, checked)
    opened = _checked('open', builtins.open)
    builtins.open = io.open = _io.open = opened  # type: ignore[assignment]
    io.open_code = _io.open_code = _checked('open', io.open_code)  # type: ignore[assignment]


def _checked(name: str, original: Any) -> Any:
    def function(*args: Any, **kwargs: Any) -> Any:
        if phase.running:
            raise OSError(errno.ENOSYS, f'a plugin has no files, and {name}() needs them')
        return original(*args, **kwargs)

    function.__name__ = name
    return function
