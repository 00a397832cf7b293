"""No files: what would reach for one raises OSError, where the C library would trap."""

import _io
import builtins
import io
import os
import posix

from .phase import only_at_build

_NAMES = (
    'access', 'chdir', 'chmod', 'close', 'dup', 'fstat', 'fsync', 'getcwd', 'getcwdb', 'isatty',
    'link', 'listdir', 'lseek', 'lstat', 'mkdir', 'open', 'read', 'readlink', 'remove', 'rename',
    'replace', 'rmdir', 'scandir', 'stat', 'symlink', 'truncate', 'unlink', 'utime', 'write')


def install() -> None:
    """Puts a check before every function that reaches for the file system."""
    for name in _NAMES:
        original = getattr(posix, name, None)
        if original is not None:
            checked = only_at_build(f'os.{name}', 'file system', original)
            setattr(posix, name, checked)
            setattr(os, name, checked)
    opened = only_at_build('open', 'file system', builtins.open)
    builtins.open = io.open = _io.open = opened
    io.open_code = _io.open_code = only_at_build(
        'open', 'file system', io.open_code)
