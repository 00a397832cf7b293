"""Tests of NAME, without a component."""

import contextlib
import io
import unittest

import oslo_messaging_guest as messaging
from oslo_messaging_guest import testing
import plugin


class InstancesTest(unittest.TestCase):
    def test_what_is_told_is_handled(self) -> None:
        printed = io.StringIO()
        with testing.Transport() as transport, contextlib.redirect_stdout(printed):
            transport.listen(plugin.listener())
            notifier = messaging.Notifier(messaging.get_notification_transport(), 'compute.host-1')
            notifier.info({}, 'compute.instance.create.end', {'id': 7})
            notifier.info({}, 'image.create.end', {'id': 8})
        self.assertEqual(printed.getvalue(), 'there is news of 7\n')
