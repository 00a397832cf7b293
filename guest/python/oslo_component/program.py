"""How a program ends: uncaught exceptions, `sys.exit`, results of `main`."""

import sys
import traceback
from typing import Any


def status(result: Any) -> int:
    """The exit code of what `main` returned, or of the argument of `sys.exit`, as Python has it."""
    if result is None:
        return 0
    if isinstance(result, int):
        return result
    print(result, file=sys.stderr)
    return 1


def report(error: BaseException) -> int:
    """The exit code of an exception; what is not `SystemExit` is printed with its traceback."""
    if isinstance(error, SystemExit):
        return status(error.code)
    # Not the build's own frames.
    frames = error.__traceback__
    if frames is not None:
        frames = frames.tb_next
    traceback.print_exception(type(error), error, frames)
    return 1


def flush() -> None:
    """Whatever is still in the buffers goes out; a closed stream is not the program's fault."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            continue
