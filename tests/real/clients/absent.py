"""Modules in C, which a component cannot have: they can be imported here, and what is in them fails
when it is used. Released modules import them for what the clients do not do."""

import sys
import types
from importlib.machinery import ModuleSpec

NAMES = ('_cffi_backend', '_multiprocessing', 'bcrypt', 'cryptography', 'eventlet', 'fcntl', 'greenlet',
         'lxml', 'OpenSSL', 'psutil', 'resource', 'ssl', 'termios')


class Kind(type):
    """The class of what is not there: it can be derived from, caught and looked into, not called."""

    def __getattr__(cls, name: str) -> 'Kind':
        if name.startswith('__'):
            raise AttributeError(name)
        return Kind(name, (Exception,), {'__module__': f'{cls.__module__}.{cls.__name__}'})

    def __call__(cls, *args: object, **kwargs: object) -> object:
        raise Missing(f'{cls.__module__}.{cls.__name__} is written in C, and a plugin lacks it')


class Missing(NotImplementedError, ImportError):
    """Some modules go on without what could not be imported."""


class Absent(types.ModuleType):
    """A module in which every name is such a class."""

    __path__: list[str] = []
    # What urllib3 asks of `ssl` while it is imported.
    HAS_NEVER_CHECK_COMMON_NAME = False
    OPENSSL_VERSION = 'OpenSSL 3'
    OPENSSL_VERSION_INFO = (3, 0, 0)

    def __getattr__(self, name: str) -> Kind:
        if name.startswith('__'):
            raise AttributeError(name)
        made = Kind(name, (Exception,), {'__module__': self.__name__})
        setattr(self, name, made)
        return made


class Finder:
    """Finds them, wherever else they might be."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name.partition('.')[0] in NAMES:
            return ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]
        return None

    def create_module(self, spec: ModuleSpec) -> Absent:
        return Absent(spec.name)

    def exec_module(self, module: Absent) -> None:
        """Nothing: it has everything already."""


def install() -> None:
    """From now on they can be imported."""
    sys.meta_path.insert(0, Finder())  # type: ignore[arg-type]
