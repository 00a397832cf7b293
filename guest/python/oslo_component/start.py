"""What happens once in each instance before the plugin's code runs."""

# Before the SDK is imported: it has to find the same `datetime` as the plugin.
from . import clocks  # isort: skip

import traceback

from oslo_messaging_guest import _wit

from . import files, modules, network, phase, randomness, streams


def install() -> None:
    """At the build, before the plugin's module is imported."""
    files.install()
    network.install()
    clocks.install()
    randomness.install()
    # A traceback marks a part of a line by parsing it. Where that is no whole statement Python opens the
    # source file for its error message, and there are no files here.
    setattr(traceback, '_extract_caret_anchors_from_line_segment', lambda _segment: None)


def start() -> None:
    """At the first call of an export."""
    if phase.running:
        return
    phase.running = True
    _wit.start()
    modules.forget_files()
    streams.install()
    randomness.reseed()
