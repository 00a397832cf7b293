"""What ends a method in Python and must not end its server."""

import logging
import sys
import time
from typing import Any

import served_endpoints

LOG = logging.getLogger(__name__)


class Endpoint(served_endpoints.Endpoint):
    """The methods of the unnamed namespace, and more."""

    def logs(self, ctxt: dict[str, Any]) -> bool:
        """Tells the operator, and the time."""
        LOG.warning('served-python logs')
        return time.time() > 1_000_000_000 and time.monotonic() > 0

    def exits(self, ctxt: dict[str, Any]) -> None:
        sys.exit(3)

    def fail_unprintable(self, ctxt: dict[str, Any]) -> None:
        raise Unprintable(7)

    def fail_deep(self, ctxt: dict[str, Any]) -> None:
        deep: list[Any] = []
        for _ in range(1000):
            deep = [deep]
        raise ValueError(7, deep)

    def returns_deep(self, ctxt: dict[str, Any]) -> Any:
        deep: list[Any] = []
        for number in range(100_000):
            deep = [deep] if number % 2 else [{'value': deep}]
        return deep


class Unprintable(Exception):
    """Nothing can be found out about it."""

    def __str__(self) -> str:
        raise LookupError('no text')

    @property
    def kwargs(self) -> dict[str, Any]:
        raise LookupError('no arguments')
