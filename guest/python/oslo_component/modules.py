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


def complete() -> set[str]:
    """Imports what the plugin's modules, and those of its packages, import anywhere.

    :return: the names that they import, without those of the SDK's own sources
    """
    for name in _LAZY:
        importlib.import_module(name)
    done: set[str] = set()
    named: set[str] = set()
    while missing := {name: module for name, module in list(sys.modules.items())
                      if name not in done and _is_the_plugins(module)}:
        for name, module in missing.items():
            done.add(name)
            # Also what a traceback shows of it.
            lines = linecache.getlines(str(module.__file__))
            wanted = list(_imports(module, ''.join(lines)))
            if name.partition('.')[0] not in _BUILT:
                named.update(wanted)
            for each in wanted:
                _try(each)
    if 'zoneinfo' in sys.modules:
        # Python imports it when a zone is asked for.
        importlib.import_module('importlib.resources')
    return named


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


# What the build puts beside the plugin's own modules.
_BUILT = {'componentize_py_async_support', 'componentize_py_runtime', 'componentize_py_types',
          'oslo_component', 'oslo_messaging', 'oslo_messaging_guest', 'poll_loop', 'wit_world'}


def _try(name: str) -> None:
    try:
        importlib.import_module(name)
    except Exception:
        # A name that is no module, or one that the source itself imports under `try`: when it is
        # neither, the plugin fails with a clear error where it imports it.
        return
