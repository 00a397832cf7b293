"""What Python's library asks of an operating system, which a plugin has not: each of it raises an exception, or
works, and none ends the instance.
"""

import ast
import cProfile
import codeop
import contextlib
import email.utils
import faulthandler
import getpass
import glob
import importlib
import inspect
import io
import linecache
import locale
import os
import pathlib
import pkgutil
import platform
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
import urllib.request
import uuid
import warnings
from typing import Any

# By no name that the build sees: who imports them has the host's clocks, as who imports `time`.
futures, queue, threading = (
    importlib.import_module(it) for it in ('concurrent.futures', 'queue', 'threading'))


def traced() -> str:
    """Of code whose file is nowhere."""
    try:
        exec(compile('\n\n1 / 0', '/nowhere/code.py', 'exec'))
    except ZeroDivisionError:
        return traceback.format_exc().splitlines()[-2].strip()
    return 'nothing was raised'


def warned() -> str:
    with contextlib.redirect_stderr(io.StringIO()) as said:
        warnings.warn_explicit('an old way', UserWarning, '/nowhere/code.py', 7)
    return said.getvalue().strip()


def source_of_nothing() -> str:
    names: dict[str, Any] = {}
    exec(compile('def function(): pass', '/nowhere/code.py', 'exec'), names)
    return inspect.getsource(names['function'])


def clock(name: str, *arguments: Any) -> Any:
    """By another name than its own: who imports it has the host's clocks."""
    return getattr(importlib.import_module('time'), name)(*arguments)


@contextlib.contextmanager
def managed() -> Any:
    yield


def of_the_bindings() -> None:
    """An exception of the bindings' own, which passes through a block."""
    client, types = (importlib.import_module(f'wit_world.imports.oslo_messaging_{it}')
                     for it in ('client', 'types'))
    with managed():
        client.Client.open('other', types.Target(None, 'demo', None, None, None, False), None)


def held() -> None:
    lock = threading.Lock()
    with lock, lock:
        print('nobody releases it')


def called(times: int) -> Any:
    """Each call by way of C."""
    return sorted([times], key=lambda left: called(left - 1) if left else 0)


def endless() -> Any:
    class Endless:
        def __getattr__(self, name: str) -> Any:
            return getattr(self, f'{name}_')

    return Endless().name


SOURCE = [
    ('bad module', lambda: compile('def f(:\n', 'plugin.py', 'exec')),
    ('bad file', lambda: ast.parse('a = = b', '/etc/hosts')),
    ('bad statement', lambda: exec('if')),
    ('bad expression', lambda: eval('1 +')),
    ('bad literal', lambda: ast.literal_eval('[1, ')),
    ('bad command', lambda: codeop.compile_command('a = = 1')),
    ('bad encoding', lambda: compile(b'# coding: nope\n', 'plugin.py', 'exec')),
    ('traceback', traced),
    ('warning', warned),
    ('line', lambda: repr(linecache.getline('/nowhere/code.py', 1))),
    ('source', lambda: inspect.getsource(traced).splitlines()[0]),
    ('no source', source_of_nothing),
]

FILES = [
    ('temporary file', tempfile.TemporaryFile),
    ('temporary folder', tempfile.mkdtemp),
    ('access', lambda: os.access('/etc/hosts', os.R_OK)),
    ('path', lambda: pathlib.Path('/etc/hosts').exists()),
    ('text', lambda: pathlib.Path('/etc/hosts').read_text()),
    ('home', pathlib.Path.home),
    ('working folder', os.getcwd),
    ('absolute path', lambda: os.path.abspath('here')),
    ('pattern', lambda: glob.glob('/*')),
    ('walk', lambda: list(os.walk('/'))),
    ('copy', lambda: shutil.copy('/a', '/b')),
    ('program', lambda: shutil.which('sh', path='/bin')),
    ('size of terminal', shutil.get_terminal_size),
    ('data of package', lambda: pkgutil.get_data('json', 'missing.txt')),
    ('file of URL', lambda: urllib.request.urlopen('file:///etc/hosts')),
    ('descriptors', lambda: os.closerange(3, 9)),
    ('open descriptor', lambda: os.fdopen(0)),
    ('encoding', lambda: os.device_encoding(0)),
]

SYSTEM = [
    ('process', lambda: subprocess.run(['true'])),
    ('pipe', lambda: subprocess.run(['true'], capture_output=True)),
    ('times', lambda: os.times()),
    ('processors', lambda: isinstance(os.cpu_count(), int)),
    ('platform', lambda: bool(platform.platform())),
    ('user', getpass.getuser),
    ('password', getpass.getpass),
    ('input', input),
    ('standard input', lambda: repr(sys.stdin.read())),
    ('bytes of input', lambda: sys.stdin.buffer.read()),
    ('terminal', lambda: os.isatty(0)),
    ('handler', lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL)),
    ('signal', lambda: signal.raise_signal(signal.SIGTERM)),
    ('abort', lambda: os.abort()),
    ('end', lambda: os._exit(3)),
    ('locale', lambda: locale.setlocale(locale.LC_ALL, 'de_DE.UTF-8')),
    ('locale of user', lambda: locale.setlocale(locale.LC_ALL, '')),
    ('stacks', lambda: faulthandler.dump_traceback(file=2)),
    ('profile', lambda: cProfile.Profile().enable()),
    ('bindings', of_the_bindings),
]

NETWORK = [
    ('address', lambda: socket.getaddrinfo('localhost', 80)),
    ('name of host', socket.gethostname),
    ('closed socket', lambda: socket.close(5)),
    ('page', lambda: urllib.request.urlopen('http://127.0.0.1/')),
    ('id of message', email.utils.make_msgid),
    ('bytes of address', lambda: socket.inet_aton('127.0.0.1').hex()),
]

WAITS = [
    ('sleep', lambda: clock('sleep', 0)),
    ('moment', lambda: clock('gmtime', 0).tm_year),
    ('timer', lambda: threading.Timer(1, print).start()),
    ('event', lambda: threading.Event().wait()),
    ('future', lambda: futures.Future().result()),
    ('queue', lambda: queue.Queue().get()),
    ('simple queue', lambda: queue.SimpleQueue().get()),
    ('empty queue', lambda: queue.Queue().get_nowait()),
    ('lock', held),
]

CHANCE = [
    ('generator', lambda: 0 <= random.Random().random() < 1),
    ('seed', random.seed),
    ('generator of system', lambda: random.SystemRandom().randrange(1)),
    ('bytes', lambda: len(os.urandom(4))),
    ('node', lambda: uuid.getnode() > 0),
    ('uuid of version 4', lambda: uuid.uuid4().version),
]

# A hundred times of what an interpreter takes.
DEEP = 100_000

DEPTH = [
    ('brackets', lambda: compile('(' * DEEP + ')' * DEEP, 'plugin.py', 'exec')),
    ('signs', lambda: ast.parse('-' * DEEP + '1')),
    ('attribute', endless),
    ('calls', lambda: called(DEEP)),
]

ATTEMPTS = [*SOURCE, *FILES, *SYSTEM, *NETWORK, *WAITS, *CHANCE]
