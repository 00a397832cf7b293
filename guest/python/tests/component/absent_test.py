"""What the C library would trap for: in a process of its own, because it is replaced for good."""

import subprocess
import sys
import textwrap
import unittest


def run(script):
    """What a script prints, in which a plugin is built and then runs."""
    begin = """
        from oslo_messaging_guest import _wit
        from oslo_component import clocks, files, network, phase, randomness, system, threads
        for module in (files, system, network, clocks, threads, randomness):
            module.install()
        import io, json, os, queue, random, select, selectors, signal, socket, threading, time
        from types import SimpleNamespace
        def shown(*attempts):
            for attempt in attempts:
                try:
                    said = attempt()
                except BaseException as error:
                    said = f'{type(error).__name__}: {error}'
                phase.running = False
                print(said)
                phase.running = True
        """
    script = textwrap.dedent(begin) + textwrap.dedent(script)
    done = subprocess.run([sys.executable, '-W', 'ignore', '-c', script], capture_output=True,
                          text=True, check=True, timeout=60)
    return done.stdout.splitlines()


class Absent(unittest.TestCase):
    def test_files_are_there_until_the_plugin_runs(self):
        lines = run("""
            class Keeps:
                poll = select.poll
            io.FileIO(__import__('json').__file__).close()
            Keeps().poll().poll(0)
            selectors.DefaultSelector().close()
            phase.running = True
            shown(lambda: io.FileIO('/etc/hosts'), lambda: os.pread(0, 1, 0),
                  lambda: os.ftruncate(1, 0), lambda: os.writev(1, [b'x']),
                  lambda: select.select([], [], [], 1), lambda: Keeps().poll())
            """)
        names = ('io.FileIO', 'os.pread', 'os.ftruncate', 'os.writev', 'select.select', 'select.poll')
        for name, line in zip(names, lines, strict=True):
            needs = 'file or socket to wait for .*`async def main`.*' if 'select' in name else 'file system'
            self.assertRegex(line, rf'a plugin has no {needs}, and {name}\(\) needs it')

    def test_the_interpreter_opens_nothing_by_itself(self):
        lines = run("""
            def text():
                try:
                    compile('a = = b', json.__file__, 'exec')
                except SyntaxError as error:
                    return repr(error.text)
            print(text())
            phase.running = True
            shown(text)
            """)
        self.assertEqual(lines[1], r"'a = = b\n'")
        self.assertNotEqual(lines[0], lines[1])

    def test_there_is_no_operating_system(self):
        lines = run("""
            phase.running = True
            shown(os.abort, os.times, lambda: os.closerange(70, 80), lambda: os.system('true'),
                  lambda: os._exit(3), lambda: signal.raise_signal(signal.SIGTERM),
                  lambda: signal.raise_signal(signal.SIGINT), lambda: socket.close(70),
                  lambda: socket.gethostname(), lambda: socket.inet_aton('127.0.0.1'),
                  lambda: os.fspath('here'))
            """)
        for name, line in zip(('abort', 'times', 'closerange', 'system'), lines):
            self.assertRegex(line, rf'OSError.* has no operating system, and os.{name}\(\) needs it')
        self.assertEqual(lines[4], 'SystemExit: 3')
        self.assertRegex(lines[5], 'OSError.* signal 15 no handler')
        self.assertRegex(lines[6], 'KeyboardInterrupt')
        self.assertRegex(lines[7], r'OSError.* no network, and socket.close\(\) needs it')
        self.assertRegex(lines[8], r'OSError.* no network, and socket.gethostname\(\) needs it')
        self.assertEqual(lines[9:], [r"b'\x7f\x00\x00\x01'", 'here'])

    def test_nobody_is_waited_for_without_an_end(self):
        lines = run("""
            from concurrent.futures import Future
            naps = []
            class Pollable:
                def __init__(self, length):
                    naps.append(length)
                def __enter__(self):
                    return self
                def __exit__(self, *_):
                    pass
                def block(self):
                    pass
            steady = SimpleNamespace(now=lambda: sum(naps), subscribe_duration=Pollable)
            _wit.play(_wit.Host({'clocks_monotonic_clock': steady}, None, is_live=True))
            phase.running = True
            held = threading.Lock()
            held.acquire()
            shown(lambda: threading.Event().wait(), lambda: queue.Queue().get(),
                  lambda: queue.SimpleQueue().get(), lambda: Future().result(),
                  lambda: threading.Event().wait(2), lambda: queue.Queue().get(timeout=3),
                  lambda: queue.SimpleQueue().get(timeout=4), lambda: Future().result(5),
                  lambda: held.acquire(timeout=6), lambda: held.acquire(blocking=False),
                  held.locked, lambda: held.acquire(), lambda: held.release() or held.acquire(),
                  lambda: naps)
            """)
        self.assertEqual(lines[:4], [
            'RuntimeError: a plugin has no other thread that could end this wait'] * 4)
        self.assertEqual(lines[4:], [
            'False', 'Empty: ', 'Empty: ', 'TimeoutError: ', 'False', 'False', 'True', lines[0], 'True',
            str([it * 10**9 for it in range(2, 7)])])

    def test_locks_and_queues_are_as_pythons(self):
        lines = run("""
            import _thread
            phase.running = True
            one, other = threading.Lock(), _thread.allocate_lock()
            shown(one.__enter__, one.locked, lambda: one.__exit__(), lambda: other.__enter__(),
                  lambda: other.acquire(), lambda: queue.SimpleQueue().get(block=False, timeout=3),
                  lambda: queue.SimpleQueue().get(False, -1), lambda: queue.SimpleQueue().get(timeout=-1))
            """)
        self.assertEqual(lines, [
            'True', 'True', 'None', 'True',
            'RuntimeError: a plugin has no other thread that could end this wait', 'Empty: ', 'Empty: ',
            "ValueError: 'timeout' must be a non-negative number"])

    def test_what_asks_whether_there_is_something_is_told_that_there_is_not(self):
        lines = run("""
            import sys
            from oslo_component import streams
            printed = sys.stdout
            _wit.play(_wit.Host({}, None, is_live=True))
            built = os.access('/', os.F_OK)
            phase.running = True
            streams.install()
            said, sys.stdout = sys.stdin, printed
            shown(lambda: built, lambda: os.access('/', os.F_OK), lambda: os.isatty(0),
                  lambda: said.buffer.read(), lambda: said.encoding, said.read, said.isatty, said.fileno)
            """)
        self.assertEqual(lines, [
            'True', 'False', 'False', "b''", 'utf-8', '', 'False', 'UnsupportedOperation: fileno'])

    def test_generators_without_a_seed_are_the_hosts(self):
        lines = run("""
            asked = []
            host = SimpleNamespace(get_random_bytes=lambda size: asked.append(size) or bytes(size))
            _wit.play(_wit.Host({'random_random': host}, None, is_live=True))
            phase.running = True
            class Own(random.Random):
                def __init__(self, name, seed=None):
                    super().__init__(seed)
                    self.name = name
            shown(lambda: random.Random().random() == random.Random().random(),
                  lambda: random.seed() or random.random() == Own('it').random(),
                  lambda: random.SystemRandom().random(), lambda: asked,
                  lambda: random.Random(7).random() == Own('it', seed=7).random(), lambda: len(asked))
            """)
        self.assertEqual(lines, ['True', 'True', '0.0', '[32, 32, 32, 32, 7]', 'True', '5'])

    def test_clocks_are_the_hosts_by_every_name(self):
        lines = run("""
            before = time.get_clock_info('monotonic').monotonic
            wall = SimpleNamespace(now=lambda: SimpleNamespace(seconds=7, nanoseconds=5 * 10**8),
                                   resolution=lambda: SimpleNamespace(seconds=1, nanoseconds=0))
            steady = SimpleNamespace(now=lambda: 3 * 10**9, resolution=lambda: 10**6)
            _wit.play(_wit.Host({'clocks_wall_clock': wall, 'clocks_monotonic_clock': steady},
                                None, is_live=True))
            phase.running = True
            shown(lambda: (before, time.time(), time.clock_gettime(time.CLOCK_REALTIME)),
                  lambda: (time.monotonic(), time.clock_gettime_ns(time.CLOCK_MONOTONIC)),
                  lambda: (time.clock_getres(time.CLOCK_REALTIME),
                           time.clock_getres(time.CLOCK_MONOTONIC)),
                  lambda: time.get_clock_info('time').adjustable,
                  lambda: time.get_clock_info('perf_counter').implementation,
                  lambda: time.get_clock_info('other'), lambda: time.clock_gettime(99),
                  lambda: threading._time())
            """)
        self.assertEqual(lines, [
            '(True, 7.5, 7.5)', '(3.0, 3000000000)', '(1.0, 0.001)', 'True',
            'wasi:clocks/monotonic-clock', 'ValueError: unknown clock',
            'OSError: [Errno 22] a plugin has no clock 99', '3.0'])


if __name__ == '__main__':
    unittest.main()
