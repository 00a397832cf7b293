"""The export `wasi:cli/run` of a plugin with `async def main(arguments)`."""

# First of all: what the plugin imports must find what this puts in place.
from . import start  # isort: skip

start.install()

import sys
from collections.abc import Coroutine
from typing import Any

import plugin
from componentize_py_types import Err
from oslo_messaging_guest import aio
from wit_world import exports

from . import modules, needs, program

needs.check(getattr(plugin, 'main', None), modules.complete(), is_async=True)


class Run(exports.Run):
    """The export."""

    def run(self) -> Coroutine[Any, Any, None]:
        # Not in the coroutine: what runs it needs the start, too.
        start.start()
        return _run()


async def _run() -> None:
    try:
        code = program.status(await plugin.main(sys.argv[1:]))
    except BaseException as error:
        code = program.report(error)
    await aio.settle()
    program.flush()
    if code:
        raise Err(None)
