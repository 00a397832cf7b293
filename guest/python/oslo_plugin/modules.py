"""The modules of a plugin: those that were imported when it was built, and no others.

A component has no files to import from. What the plugin's sources import anywhere, in a function
too, is therefore imported at the build, and so is what Python itself imports on first use.
"""

import ast
import importlib
import linecache
import sys
import types
from collections.abc import Iterator, Sequence
from importlib.machinery import BuiltinImporter, FrozenImporter
from typing import Any

# Imported by Python when a method is first called: codecs, parsers of dates, printers of errors.
_LAZY = (
    '_strptime', 'atexit', 'base64', 'copy', 'decimal', 'encodings.ascii', 'encodings.cp1252',
    'encodings.idna', 'encodings.latin_1', 'encodings.punycode', 'encodings.unicode_escape',
    'encodings.utf_16', 'encodings.utf_16_le', 'encodings.utf_32', 'encodings.utf_8_sig',
    'json', 'stringprep', 'traceback', 'unicodedata', 'uuid')


def complete(first: types.ModuleType) -> None:
    """Imports what a plugin's module, and those that it imports, import anywhere."""
    for name in _LAZY:
        importlib.import_module(name)
    done: set[str] = set()
    while missing := {name: module for name, module in list(sys.modules.items())
                      if name not in done and _is_the_plugins(module)}:
        for name, module in missing.items():
            done.add(name)
            # Also what a traceback shows of it.
            lines = linecache.getlines(str(module.__file__))
            for wanted in _imports(module, ''.join(lines)):
                _try(wanted)


def forget_files() -> None:
    """Ends the imports: what comes after finds the modules that are there, or a clear error."""
    sys.path.clear()
    sys.path_hooks.clear()
    sys.path_importer_cache.clear()
    # What is compiled into the interpreter needs no file.
    sys.meta_path[:] = [BuiltinImporter, FrozenImporter, Explain()]
    linecache.checkcache = lambda filename=None: None


class Explain:
    """The finder that finds nothing, and says why."""

    def find_spec(self, fullname: str, path: Sequence[str] | None = None,
                  target: Any = None) -> None:
        raise ModuleNotFoundError(
            f'No module named {fullname!r} in this plugin: it has the modules that were imported '
            f'when it was built, so import it by name in one of its source files', name=fullname)


def _is_the_plugins(module: Any) -> bool:
    file = getattr(module, '__file__', None)
    if not isinstance(file, str) or not file.endswith('.py'):
        return False
    # Python's own library is where `ast` is; what it imports lazily is in `_LAZY`.
    return not file.startswith(str(ast.__file__).rpartition('/')[0] + '/')


def _imports(module: types.ModuleType, source: str) -> Iterator[str]:
    package = getattr(module, '__package__', None) or ''
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split('.')[:len(package.split('.')) - node.level + 1]
            base = '.'.join([*(parents if node.level else []), *filter(None, [node.module])])
            yield base
            # Names may be modules.
            yield from (f'{base}.{alias.name}' for alias in node.names if alias.name != '*')


def _try(name: str) -> None:
    try:
        importlib.import_module(name)
    except Exception:
        # A name that is no module, or one that the source itself imports under `try`: when it is
        # neither, the plugin fails with a clear error where it imports it.
        return
