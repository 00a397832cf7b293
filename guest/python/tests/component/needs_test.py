"""Which world a command needs: what was imported decides."""

import functools
import unittest

from oslo_messaging_guest import _wit
from oslo_component import modules, needs


async def asynchronous(arguments):
    pass


def plain(arguments):
    pass


class Asynchronous:
    async def __call__(self, arguments):
        pass


class Needs(unittest.TestCase):
    def check(self, main, imported, is_async, has_clocks):
        self.play(has_clocks)
        needs.check(main, set(imported), is_async)

    def check_endpoints(self, imported, has_clocks):
        self.play(has_clocks)
        needs.check_endpoints(set(imported))

    def play(self, has_clocks):
        interfaces = {'clocks_wall_clock': object()} if has_clocks else {}
        before = _wit.play(_wit.Host(interfaces, None, is_live=False))
        self.addCleanup(_wit.play, before)

    def test_what_main_is_decides_and_not_how_it_is_written(self):
        for main in (asynchronous, functools.partial(asynchronous), Asynchronous()):
            self.check(main, (), True, False)
            with self.assertRaisesRegex(needs.AnotherWorld, 'async=True clocks=False'):
                self.check(main, (), False, False)
        self.check(plain, (), False, False)
        with self.assertRaisesRegex(needs.AnotherWorld, 'async=False clocks=False'):
            self.check(plain, (), True, False)

    def test_clocks_are_for_those_who_import_them(self):
        for name in ('time', 'datetime', 'datetime.timezone', 'logging.config', 'queue', 'threading',
                     'concurrent.futures'):
            self.check(plain, ['json', name], False, True)
            with self.assertRaisesRegex(needs.AnotherWorld, 'async=False clocks=True'):
                self.check(plain, ['json', name], False, False)
        self.check(plain, ['timed', 'json'], False, False)
        with self.assertRaisesRegex(needs.AnotherWorld, 'clocks=False'):
            self.check(plain, ['json'], False, True)

    def test_endpoints_have_clocks_in_the_same_way(self):
        self.check_endpoints(['json', 'logging'], True)
        with self.assertRaisesRegex(needs.AnotherWorld, 'async=False clocks=True'):
            self.check_endpoints(['json', 'logging'], False)
        self.check_endpoints(['json'], False)
        # The world of its author has them.
        self.check_endpoints(['json'], True)

    def test_a_plugin_without_main_is_no_command(self):
        with self.assertRaisesRegex(ImportError, 'def main'):
            self.check(None, (), False, False)

    def test_imports_are_found_where_they_stand(self):
        source = ('import a.b, c as d\n'
                  'def f():\n'
                  '    from e import g\n'
                  '    text = "import time"  # import datetime\n')
        self.assertEqual(set(modules._imports(modules, source)), {'a.b', 'c', 'e', 'e.g'})


if __name__ == '__main__':
    unittest.main()
