"""Whether the plugin runs, or is being built: the component is a snapshot taken in between."""

import errno
from collections.abc import Callable
from typing import Any

running = False


def only_at_build(name: str, needs: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """A function that works while the plugin is built; when it runs, the C library would trap."""
    def function(*args: Any, **kwargs: Any) -> Any:
        if running:
            raise OSError(errno.ENOSYS, f'a plugin has no {needs}, and {name}() needs it')
        return original(*args, **kwargs)

    function.__name__ = name.rpartition('.')[2]
    return function


def false_at_run(original: Callable[..., bool]) -> Callable[..., bool]:
    """A function that asks whether there is something, which there is only while the plugin is built."""
    def function(*args: Any, **kwargs: Any) -> bool:
        return not running and original(*args, **kwargs)

    function.__name__ = original.__name__
    return function
