"""Standard output and error through the host's, and arguments and environment from the host."""

import errno
import io
import os
import sys
from typing import Any

from oslo_messaging_guest import _wit

# What a host takes at once (wasi:io/streams).
_MOST = 4096


class HostStream(io.RawIOBase):
    """An output stream of the host."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        piece = bytes(data[:_MOST])
        try:
            self._stream.blocking_write_and_flush(piece)
        except Exception as error:
            if not _wit.is_error(error):
                raise
        else:
            return len(piece)
        # Out here, where the bindings' own exception is not its context.
        raise BrokenPipeError(errno.EPIPE, 'the host takes no more output')


class UnheardStream(io.RawIOBase):
    """An output stream of a world that has none, as a daemon's: nobody hears it, and nobody keeps it."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        return len(data)


def install() -> None:
    """Connects what the plugin's world has of them."""
    sys.stdout = sys.__stdout__ = _text('stdout')  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _text('stderr')  # type: ignore[misc]
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BytesIO(), encoding='utf-8')  # type: ignore[misc]
    environment = _wit.optional('cli_environment')
    os.environ.clear()
    if environment is not None:
        os.environ.update(environment.get_environment())
        sys.argv = list(environment.get_arguments())


def _text(name: str) -> io.TextIOWrapper:
    interface = _wit.optional(f'cli_{name}')
    raw = UnheardStream() if interface is None else HostStream(getattr(interface, f'get_{name}')())
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding='utf-8', errors='backslashreplace',
                            line_buffering=True)
