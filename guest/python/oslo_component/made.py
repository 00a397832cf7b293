"""What a plugin's module has under a name that the SDK looks for."""

from typing import Any, Generic, TypeVar

from . import start

_T = TypeVar('_T')


class Made(Generic[_T]):
    """What `server` or `listener` of plugin.py is or returns, made in each instance when it is first
    needed."""

    def __init__(self, author: Any, name: str, kind: type[_T], maker: str) -> None:
        """
        :param kind: the class that it has to be of
        :param maker: the function that makes one, for who has another
        """
        self._author = author
        self._name = name
        self._kind = kind
        self._maker = maker
        self._made: _T | None = None

    def get(self) -> _T:
        """It, in a plugin that has started then."""
        start.start()
        if self._made is None:
            found = getattr(self._author, self._name)
            made = found() if callable(found) else found
            if not isinstance(made, self._kind):
                raise TypeError(f'`{self._name}` of plugin.py is or returns what {self._maker}() '
                                f'gives, not {made!r}')
            self._made = made
        return self._made
