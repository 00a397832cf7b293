"""What happened, a line a step."""

from collections.abc import Callable
from typing import Any


class Report:
    """Prints what happened and remembers whether anything was not as it should be."""

    def __init__(self) -> None:
        self._steps = 0
        self._surprises = 0

    def note(self, what: str, text: str) -> None:
        """What is only said."""
        print(f'    {what:<16} {text}')

    def done(self, what: str, tried: str, came: Any) -> None:
        """A step that did what it should."""
        self._steps += 1
        print(f'{self._steps:>2}. {what:<16} {tried}  ->  {came}')

    def failed(self, what: str, tried: str, came: Any) -> None:
        """A step that did not."""
        self._surprises += 1
        self.done(what, tried, f'UNEXPECTED: {came}')

    def step(self, what: str, tried: str, run: Callable[[], Any]) -> None:
        """A step that is right if it returns, whatever that prints as."""
        try:
            came = run()
        except Exception as error:
            self.failed(what, tried, error)
        else:
            self.done(what, tried, came)

    def expect(self, kind: type[Exception], what: str, tried: str, run: Callable[[], Any],
               say: Callable[[Any], Any]) -> None:
        """A step that is right if it raises this."""
        try:
            came = run()
        except kind as error:
            self.done(what, tried, say(error))
        except Exception as error:
            self.failed(what, tried, error)
        else:
            self.failed(what, tried, f'it succeeded with {came!r}')

    def finish(self) -> int:
        """The exit code."""
        print()
        if self._surprises:
            print(f'{self._surprises} of {self._steps} steps did not do what they should.')
            return 1
        print(f'All {self._steps} steps did what they should.')
        return 0
