"""The code of the README runs."""

import contextlib
import io
import sys
import types
import unittest
from pathlib import Path

import oslo_messaging_guest as messaging
from oslo_messaging_guest import testing

FOLDER = Path(__file__).parent.parent.parent


def blocks():
    text = (FOLDER / 'README.md').read_text()
    return [part.partition('```')[0] for part in text.split('```python\n')[1:]]


class Readme(unittest.TestCase):
    def setUp(self):
        (self.plugin, self.test, self.at_once, self.serving, self.notifying,
         self.listening) = blocks()

    def run_as(self, name, code):
        module = types.ModuleType(name)
        exec(compile(code, name, 'exec'), module.__dict__)
        return module

    def test_the_plugin_passes_its_test(self):
        sys.modules['plugin'] = self.run_as('plugin', self.plugin)
        self.addCleanup(sys.modules.pop, 'plugin')
        test = self.run_as('test', self.test)
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            test.test_it_says_who_asks()
        self.assertEqual(output.getvalue(), 'me says hello\n')

    def test_many_calls_are_made_at_once(self):
        import asyncio
        output = io.StringIO()
        with testing.Transport() as transport, contextlib.redirect_stdout(output):
            for number, name in enumerate(('one', 'two')):
                transport.server('compute', server=name).returns('free_memory', number)
            asyncio.run(self.run_as('plugin', self.at_once).main(['one', 'two']))
        self.assertEqual(output.getvalue(), '[0, 1]\n')

    def test_a_plugin_serves(self):
        server = self.run_as('plugin', self.serving).server()
        with testing.Transport() as transport:
            transport.serve(server)
            client = messaging.get_rpc_client(messaging.get_rpc_transport(), messaging.Target(
                topic='images', namespace='images', version='1.5'))
            with self.assertRaisesRegex(LookupError, 'me has no image plan'):
                client.call({'user': 'me'}, 'find', name='plan')

    def test_a_plugin_notifies(self):
        with testing.Transport() as transport:
            self.run_as('plugin', self.notifying).main(['7'])
        self.assertEqual(
            [(it.priority, it.publisher_id, it.payload, it.timeout) for it in transport.notified],
            [('info', 'compute.host-1', {'id': '7'}, 5), ('warn', 'compute.host-2', {'left': 0}, 5)])

    def test_a_plugin_handles_notifications(self):
        listener = self.run_as('plugin', self.listening).listener()
        output = io.StringIO()
        with testing.Transport() as transport, contextlib.redirect_stdout(output):
            transport.listen(listener)
            notifier = messaging.Notifier(messaging.get_notification_transport(), 'host-1')
            for state in ('active', 'gone'):
                notifier.info({}, 'compute.instance.create', {'id': state, 'state': state})
            notifier.error({}, 'compute.instance.create', {'state': 'active'})
        self.assertEqual(output.getvalue(), 'host-1 has active\n')
        self.assertEqual([it.priority for it in transport.requeued], ['error'])

    def test_the_template_says_hello(self):
        source = (FOLDER / 'template/python/command/plugin.py').read_text()
        plugin = self.run_as('plugin', source)
        output = io.StringIO()
        with testing.Transport() as transport, contextlib.redirect_stdout(output):
            demo = transport.server('demo', version='1.5')
            demo.runs('echo', lambda ctxt, value: value)
            plugin.main([])
            demo.returns('echo', None, delay=6)
            plugin.main([])
        self.assertEqual(output.getvalue(),
                         'hello world\nno answer (unknown): no reply came in 5.0 s\n')


if __name__ == '__main__':
    unittest.main()
