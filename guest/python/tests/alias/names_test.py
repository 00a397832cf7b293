"""Everything exists that code touches while it is imported; what a plugin cannot do says so."""

import importlib
import json
import subprocess
import sys
import unittest

import oslo_messaging
import oslo_messaging as messaging
from oslo_messaging import conffixture
from oslo_messaging.rpc import client as rpc_client
from oslo_messaging.rpc import dispatcher

import oslo_messaging_guest as guest
from oslo_messaging_guest import testing

# In a process of its own, because here the name is ours. Its modules are read and not imported: one of
# them needs what is not installed. `hacking` is for flake8.
READ_UPSTREAM = """
import ast, json, pathlib, types, oslo_messaging
folder = pathlib.Path(oslo_messaging.__file__).parent
modules = {}
for file in sorted(folder.rglob('*.py')):
    path = file.relative_to(folder).with_suffix('').parts
    if path[0] in ('hacking', 'tests') or any(it[0] == '_' and it != '__init__' for it in path):
        continue
    names = set()
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            targets = [it.id for it in node.targets if isinstance(it, ast.Name)]
            names.update(it for it in targets if it != 'LOG')
            if targets == ['__all__'] and isinstance(node.value, ast.List):
                names.update(it.value for it in node.value.elts)
    name = '.'.join(it for it in ('oslo_messaging', *path) if it != '__init__')
    modules[name] = sorted(it for it in names if it[0] != '_')
modules['oslo_messaging'] = [
    name for name, value in vars(oslo_messaging).items()
    if name[0] != '_' and not isinstance(value, types.ModuleType)]
print(json.dumps(modules))
"""


def upstream():
    """The names of each module of the installed oslo.messaging."""
    done = subprocess.run([sys.executable, '-W', 'ignore', '-c', READ_UPSTREAM],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


class Names(unittest.TestCase):
    def test_every_name_of_upstream_is_there(self):
        modules = upstream()
        self.assertIn('get_rpc_client', modules['oslo_messaging'])
        self.assertIn('RPCClient', modules['oslo_messaging.rpc.client'])
        for module, names in modules.items():
            found = importlib.import_module(module)
            for name in names:
                with self.subTest(f'{module}.{name}'):
                    self.assertTrue(hasattr(found, name))

    def test_every_submodule_is_there_without_an_import_of_its_own(self):
        for path in upstream():
            with self.subTest(path):
                imported = importlib.import_module(path)
                found = oslo_messaging
                for part in path.split('.')[1:]:
                    found = getattr(found, part)
                self.assertIs(found, imported)

    def test_one_name_is_one_thing_wherever_it_is(self):
        modules = upstream()
        for module, names in modules.items():
            found = importlib.import_module(module)
            for name in {*names} & {*modules['oslo_messaging']}:
                with self.subTest(f'{module}.{name}'):
                    self.assertIs(getattr(found, name), getattr(oslo_messaging, name))

    def test_they_are_the_sdks_own(self):
        self.assertIs(messaging.RPCClient, guest.RPCClient)
        self.assertIs(messaging.exceptions.MessagingTimeout, guest.MessagingTimeout)
        self.assertIs(rpc_client._CallContext, guest.CallContext)
        self.assertTrue(issubclass(messaging.NoSuchMethod, messaging.server.MessagingServerError))

    def test_decorators_and_policies_do_what_upstreams_do(self):
        class Endpoint:
            target = messaging.Target(namespace='ns', version='1.0')

            @messaging.expected_exceptions(ValueError)
            def fail(self, ctxt):
                """Fails."""
                raise ValueError('no')

            @messaging.expose
            def open(self, ctxt):
                pass

        with self.assertRaises(messaging.ExpectedException) as caught:
            Endpoint().fail({})
        self.assertIs(caught.exception.exc_info[0], ValueError)
        self.assertEqual(Endpoint.fail.__doc__, 'Fails.')
        for policy, allowed in {
                dispatcher.LegacyRPCAccessPolicy: ['fail', 'open', '_private'],
                dispatcher.DefaultRPCAccessPolicy: ['fail', 'open'],
                dispatcher.ExplicitRPCAccessPolicy: ['open']}.items():
            self.assertEqual([name for name in ('fail', 'open', '_private', 'none')
                              if name != 'none' or policy is dispatcher.ExplicitRPCAccessPolicy
                              if policy().is_allowed(Endpoint(), name)], allowed)

    def test_decorators_of_middleware_and_servers_do_what_they_say(self):
        @messaging.notify.middleware.log_and_ignore_error
        def fail(what):
            raise ValueError(what)

        with self.assertLogs('oslo_messaging_guest.notifications') as logged:
            self.assertIsNone(fail('too bad'))
        self.assertIn('too bad', logged.output[0])
        self.assertEqual(messaging.server.ordered(after='start')(fail), fail)
        self.assertEqual(dispatcher.PingEndpoint().oslo_rpc_server_ping({}), 'pong')
        self.assertRegex(messaging.version.version_info.version_string(), r'^18\.')

    def test_what_a_plugin_cannot_do_says_so_when_it_is_used(self):
        transport = messaging.get_notification_transport(None, allowed_remote_exmods=['m'])

        class Handler(messaging.LoggingNotificationHandler):
            pass

        target = messaging.Target(topic='t', server='s')
        for use in (
                lambda: messaging.get_batch_notification_listener(transport, [target], []),
                lambda: Handler('url'),
                lambda: messaging.notify.messaging.MessagingV2Driver(None),
                lambda: messaging.notify.listener.BatchNotificationServer(transport, [target], None),
                lambda: messaging.notify.dispatcher.BatchNotificationDispatcher([], None),
                lambda: conffixture.ConfFixture(None)):
            with self.assertRaises(guest.NotInPlugin) as caught:
                use()
            self.assertIsInstance(caught.exception, messaging.MessagingException)
            self.assertIn('plugin', str(caught.exception))


class Transports(unittest.TestCase):
    def setUp(self):
        self.transport = self.enterContext(testing.Transport(timeout=33))
        self.transport.server('compute', exchange='nova').returns('ping', 'pong')
        self.addCleanup(messaging.set_transport_defaults, 'openstack')

    def test_nobody_is_the_timeout_that_handlers_catch(self):
        client = messaging.get_rpc_client(
            messaging.get_rpc_transport(None), messaging.Target(topic='nobody'))
        with self.assertRaises(messaging.MessagingTimeout):
            client.call({}, 'ping')

    def test_the_default_exchange_is_sent(self):
        transport = messaging.get_rpc_transport(None)
        client = messaging.get_rpc_client(transport, messaging.Target(topic='compute'))
        with self.assertRaises(messaging.MessagingTimeout):
            client.call({}, 'ping')
        messaging.set_transport_defaults('nova')
        self.assertEqual(client.call({}, 'ping'), 'pong')
        self.assertEqual(transport.conf.control_exchange, 'nova')
        self.assertEqual(client.prepare(exchange='nova').call({}, 'ping'), 'pong')
        with self.assertRaises(messaging.MessagingTimeout):
            client.prepare(exchange='other').call({}, 'ping')

    def test_there_is_a_configuration(self):
        conf = messaging.get_rpc_transport(None).conf
        self.assertEqual(conf.rpc_response_timeout, 33)

        class Option:
            def __init__(self, name, default):
                self.name, self.default = name, default

        conf.register_opts([Option('rpc_response_max_timeout', 600), Option('with-dash', 1)])
        conf.register_opt(Option('driver', []), group='notifications')
        self.assertEqual(conf.rpc_response_max_timeout, 600)
        self.assertEqual(conf.with_dash, 1)
        notifying = messaging.get_notification_transport(None).conf
        self.assertEqual(notifying.oslo_messaging_notifications.driver, ['messagingv2'])
        self.assertEqual(conf.notifications.driver, [])
        with self.assertRaisesRegex(AttributeError, 'unknown'):
            conf.unknown

    def test_a_url_can_be_read_and_an_address_cannot_be_chosen(self):
        url = messaging.TransportURL.parse(None, 'rabbit://me:p%40ss@one:5672,[::1]:5673,two/v%2Fh?ssl=1')
        self.assertEqual((url.transport, url.virtual_host, url.query),
                         ('rabbit', 'v/h', {'ssl': '1'}))
        self.assertEqual(
            [(it.hostname, it.port, it.username, it.password) for it in url.hosts],
            [('one', 5672, 'me', 'p@ss'), ('::1', 5673, None, None), ('two', None, None, None)])
        self.assertEqual(messaging.TransportURL.parse(None, str(url)), url)
        self.assertNotIn('p@ss', repr(url) + repr(url.hosts))
        messaging.get_rpc_transport(None, messaging.TransportURL.parse(None, None))
        for address in (url, 'rabbit://me:secret@one/'):
            with self.assertRaises(messaging.InvalidTransportURL) as caught:
                messaging.get_rpc_transport(None, address)
            self.assertNotIn('secret', str(caught.exception))
        for wrong in ('one:5672', 'rabbit://one:port/'):
            with self.assertRaises(messaging.InvalidTransportURL):
                messaging.TransportURL.parse(None, wrong)


if __name__ == '__main__':
    unittest.main()
