"""Tests of NAME, without a component."""

import asyncio
import contextlib
import io
import unittest

from oslo_messaging_guest import testing
import plugin


class MainTest(unittest.TestCase):
    def test_all_names_are_echoed(self) -> None:
        printed = io.StringIO()
        with testing.Transport() as transport, contextlib.redirect_stdout(printed):
            transport.server('demo', version='1.5').runs('echo', lambda ctxt, value: value)
            asyncio.run(plugin.main(['a', 'b']))
        self.assertEqual(printed.getvalue(), 'a b\n')
        self.assertEqual(len(transport.requests), 2)
