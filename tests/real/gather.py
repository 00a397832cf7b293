"""Copies what the clients import of the installed packages: `gather.py SDK FOLDER`.

They are imported as in a plugin, with the SDK in the place of oslo.messaging and without modules in
C. The files are copied as they are, and with them what says which versions of packages they are of.
Beside them `order.py` imports one after the other, each before those that need it.
"""

import builtins
import importlib.machinery
import importlib.util
import pathlib
import shutil
import sys
import sysconfig

PACKAGES = pathlib.Path(sysconfig.get_path('purelib'))
# What packages read while they are imported.
DATA = ('.json', '.pem', '.txt', '.yaml')


class Source:
    """Finds the source of what was compiled: a package may have both."""

    def find_spec(self, name, path=None, target=None):
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or not str(spec.origin).endswith('.so'):
            return None
        source = pathlib.Path(spec.origin).with_name(name.rpartition('.')[2] + '.py')
        if PACKAGES not in source.parents:
            # It is Python's own.
            return None
        if not source.exists():
            raise ModuleNotFoundError(f'{name} is written in C', name=name)
        return importlib.util.spec_from_file_location(name, source)


class Order:
    """The names of modules in the order in which their imports ended."""

    def __init__(self):
        self.before = set(sys.modules)
        self.names = {}
        self._original = builtins.__import__
        builtins.__import__ = self._import

    def _import(self, *args, **kwargs):
        module = self._original(*args, **kwargs)
        for name, it in list(sys.modules.items()):
            if name not in self.before:
                spec = getattr(it, '__spec__', None)
                if spec and not getattr(spec, '_initializing', False):
                    self.before.add(name)
                    self.names[name] = getattr(it, '__file__', None)
        return module

    def text(self):
        """As a module that imports them so."""
        # Some are missing in a plugin, and some are of a circle, which is imported with another one.
        lines = [f'with contextlib.suppress(Exception):\n    import {name}\n'
                 for name, file in self.names.items() if file]
        return 'import contextlib\n' + ''.join(lines)


def copy(file, folder):
    target = folder / file.relative_to(PACKAGES)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)


def main(sdk, folder):
    sys.path[:0] = [str(folder), sdk]
    import absent
    from oslo_messaging_guest import testing
    testing.use_alias()
    sys.meta_path.insert(0, Source())
    absent.install()
    for name in [it for it in sys.modules if it.partition('.')[0] in absent.NAMES]:
        # Python has imported it itself.
        del sys.modules[name]
    order = Order()
    import calls  # noqa: F401
    (folder / 'order.py').write_text(order.text())
    loaded = [pathlib.Path(it.__file__) for it in list(sys.modules.values())
              if getattr(it, '__file__', None)]
    described = [file for name in ('METADATA', 'entry_points.txt')
                 for file in PACKAGES.glob(f'*.dist-info/{name}')]
    beside = [file for folder in {it.parent for it in loaded} if PACKAGES in folder.parents
              for file in folder.iterdir() if file.suffix in DATA]
    for file in loaded + described + beside:
        if PACKAGES in file.parents:
            copy(file, folder)


if __name__ == '__main__':
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
