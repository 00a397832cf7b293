"""The export `wasi:cli/run` of a plugin with `def main(arguments)`."""

# First of all: what the plugin imports must find what this puts in place.
from . import start  # isort: skip

start.install()

import sys

import plugin
from componentize_py_types import Err
from wit_world import exports

from . import modules, needs, program

needs.check(getattr(plugin, 'main', None), modules.complete(), is_async=False)


class Run(exports.Run):
    """The export."""

    def run(self) -> None:
        start.start()
        try:
            code = program.status(plugin.main(sys.argv[1:]))
        except BaseException as error:
            code = program.report(error)
        program.flush()
        if code:
            raise Err(None)
