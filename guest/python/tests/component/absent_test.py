"""What the C library would trap for: in a process of its own, because it is replaced for good."""

import subprocess
import sys
import textwrap
import unittest


def run(script):
    """What a script prints, in which a plugin is built and then runs."""
    begin = """
        from oslo_messaging_guest import _wit
        from oslo_component import clocks, files, phase
        files.install()
        clocks.install()
        import io, os, select, selectors, time
        from types import SimpleNamespace
        def shown(*attempts):
            for attempt in attempts:
                try:
                    said = attempt()
                except Exception as error:
                    said = f'{type(error).__name__}: {error}'
                phase.running = False
                print(said)
                phase.running = True
        """
    script = textwrap.dedent(begin) + textwrap.dedent(script)
    done = subprocess.run([sys.executable, '-W', 'ignore', '-c', script], capture_output=True,
                          text=True, check=True)
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
            self.assertRegex(line, rf'a plugin has no file system, and {name}\(\) needs it')

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
                  lambda: time.get_clock_info('other'), lambda: time.clock_gettime(99))
            """)
        self.assertEqual(lines, [
            '(True, 7.5, 7.5)', '(3.0, 3000000000)', '(1.0, 0.001)', 'True',
            'wasi:clocks/monotonic-clock', 'ValueError: unknown clock',
            'OSError: [Errno 22] a plugin has no clock 99'])


if __name__ == '__main__':
    unittest.main()
