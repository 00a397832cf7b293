"""Tests of NAME, without a component."""

import contextlib
import io
import unittest

from oslo_messaging_guest import testing
import plugin


class MainTest(unittest.TestCase):
    def test_it_says_hello(self) -> None:
        printed = io.StringIO()
        with testing.Transport() as transport, contextlib.redirect_stdout(printed):
            transport.server('demo', version='1.5').runs('echo', lambda ctxt, value: value)
            plugin.main(['you'])
        self.assertEqual(printed.getvalue(), 'hello you\n')
        self.assertEqual(transport.requests[0].timeout, 5)
