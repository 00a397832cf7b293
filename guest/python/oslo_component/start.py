"""What happens once in each instance before the plugin's code runs."""

# Before the SDK is imported: it has to find the same `datetime` as the plugin.
from . import clocks  # isort: skip

from componentize_py_types import Err
from oslo_messaging_guest import _wit

from . import files, modules, network, phase, randomness, streams, system, threads


def install() -> None:
    """At the build, before the plugin's module is imported."""
    files.install()
    system.install()
    network.install()
    clocks.install()
    threads.install()
    randomness.install()
    # A frozen dataclass: `contextlib` could not give it its traceback where it passes through a block.
    for name in ('__setattr__', '__delattr__'):
        if name in vars(Err):
            delattr(Err, name)


def start() -> None:
    """At the first call of an export."""
    if phase.running:
        return
    phase.running = True
    _wit.start()
    modules.forget_files()
    streams.install()
    randomness.reseed()
