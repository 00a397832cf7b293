"""What happens once in each instance before the plugin's code runs."""

# Before the SDK is imported: it has to find the same `datetime` as the plugin.
from . import clocks  # isort: skip

from oslo_messaging_guest import _wit

from . import files, modules, network, phase, randomness, streams


def install() -> None:
    """At the build, before the plugin's module is imported."""
    files.install()
    network.install()
    clocks.install()
    randomness.install()


def start() -> None:
    """At the first call of an export."""
    if phase.running:
        return
    phase.running = True
    _wit.start()
    modules.forget_files()
    streams.install()
    randomness.reseed()
