"""Upstream's name for modules under test, as in a plugin."""

import sys
from pathlib import Path

_FOLDER = str(Path(__file__).parent.parent / 'alias')


def use_alias() -> None:
    """From now on `import oslo_messaging` gives this package, as it does in a plugin.

    :raises RuntimeError: when the real one was imported before
    """
    there = sys.modules.get('oslo_messaging')
    if there is not None and not is_alias(there):
        raise RuntimeError('the real oslo.messaging is imported already: call use_alias() first, '
                           'in a `conftest.py` for example')
    if _FOLDER not in sys.path:
        sys.path.insert(0, _FOLDER)


def is_alias(module: object) -> bool:
    """Whether a module of upstream's name is ours."""
    return str(getattr(module, '__file__', '')).startswith(_FOLDER)
