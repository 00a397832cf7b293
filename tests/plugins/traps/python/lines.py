"""Traps of the toolchain: none of them ends the instance."""

import importlib
import io
import os
import select
import socket
from typing import Any


def divide(a: int, b: int) -> Any:
    return a / b


def lazy() -> str:
    # In no other file: the build finds it here.
    import colorsys
    return str(colorsys.rgb_to_hsv(1.0, 0.0, 0.0))


def by_name() -> Any:
    return importlib.import_module(''.join(('tele', 'path', 'y')))


def clock_by_number() -> Any:
    time = importlib.import_module('time')
    return time.clock_gettime(time.CLOCK_REALTIME)


def thread() -> None:
    importlib.import_module('threading').Thread(target=lambda: None).start()


ATTEMPTS = [
    ('lazy import', lazy),
    ('import by name', by_name),
    ('codec', lambda: 'b\xfccher.example'.encode('idna')),
    ('file', lambda: open('/etc/hosts')),
    ('folder', lambda: os.listdir('/')),
    ('raw file', lambda: io.FileIO('/etc/hosts')),
    ('place in a file', lambda: os.pread(0, 1, 0)),
    ('shorter file', lambda: os.ftruncate(1, 0)),
    ('files to wait for', lambda: select.select([], [], [], 1)),
    ('polled files', lambda: select.poll()),
    ('clock by number', clock_by_number),
    ('kind of clock', lambda: importlib.import_module('time').get_clock_info('time')),
    ('clock', lambda: importlib.import_module('time').time()),
    ('environment', lambda: sorted(os.environ)),
    ('thread', thread),
    ('socket', lambda: socket.create_connection(('127.0.0.1', 5672))),
]
