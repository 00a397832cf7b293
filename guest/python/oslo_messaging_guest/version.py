"""Versions of interfaces, `major.minor`."""

from typing import Any

from .exceptions import InvalidArgument
from .values import text


def checked(version: Any) -> None:
    """Upstream looks at a version when it is given to `prepare`, and so does this.

    :raises InvalidArgument: when it is not `major.minor` or `major.minor.revision`
    """
    given = text('version', version)
    if given is None:
        return
    parts = given.split('.')
    if not 2 <= len(parts) <= 3 or not all(it.isascii() and it.isdigit() for it in parts):
        raise InvalidArgument(
            'version', f'`version` is `major.minor`, two whole numbers such as 2.5, not {given!a}')
