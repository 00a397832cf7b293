"""Upstream's options of a transport."""


class TransportOptions:
    """How a transport sends; `at_least_once` fails at once where no queue takes the message.

    Given none at all, calls do so and casts do not. It says nothing about how often a method is
    executed, which is once at most.
    """

    def __init__(self, at_least_once: bool = False) -> None:
        self._at_least_once = at_least_once

    @property
    def at_least_once(self) -> bool:
        return self._at_least_once

    def __repr__(self) -> str:
        return f'TransportOptions(at_least_once={self._at_least_once})'
