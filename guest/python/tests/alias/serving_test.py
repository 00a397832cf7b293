"""A service's endpoints run in a plugin, and are tested without one."""

import asyncio
import collections
import contextlib
import io
import json
import sys
import unittest

import oslo_messaging

from oslo_messaging_guest import current_request, testing
from oslo_messaging_guest.dispatcher import Request
from oslo_messaging_guest.failure import Failure


class Endpoint:
    target = oslo_messaging.Target(namespace='ns', legacy_namespaces=[None], version='1.5')

    def __init__(self, other):
        self._other = other

    def add(self, ctxt, a, b=2):
        return a + b

    @oslo_messaging.expected_exceptions(LookupError)
    def lost(self, ctxt):
        raise LookupError('it', 7)

    @oslo_messaging.expose
    def context(self, ctxt):
        return ctxt

    def whoami(self, ctxt):
        return [current_request().served_by.server, current_request().version]

    def relay(self, ctxt, name):
        return self._other.call(ctxt, name)

    async def waits(self, ctxt):
        await asyncio.sleep(0)
        return 'done'

    @oslo_messaging.expected_exceptions(LookupError)
    async def loses(self, ctxt):
        await asyncio.sleep(0)
        raise LookupError('it')

    def exits(self, ctxt):
        sys.exit(3)

    def unprintable(self, ctxt):
        raise Unprintable(7)

    async def awaits_cancelled(self, ctxt):
        task = asyncio.ensure_future(asyncio.sleep(0))
        task.cancel()
        await task

    def _private(self, ctxt):
        pass


class Unprintable(Exception):
    def __str__(self):
        raise LookupError('no text')

    @property
    def kwargs(self):
        raise LookupError('no arguments')


class Second:
    target = oslo_messaging.Target(namespace='ns', version='2.0')

    def which(self, ctxt):
        return 2


class Upper(oslo_messaging.NoOpSerializer):
    def serialize_entity(self, ctxt, entity):
        return entity.upper() if isinstance(entity, str) else entity

    def deserialize_context(self, ctxt):
        return {**ctxt, 'read': True}


class Serving(unittest.TestCase):
    def setUp(self):
        self.transport = self.enterContext(testing.Transport())
        transport = oslo_messaging.get_rpc_transport(None)
        other = oslo_messaging.get_rpc_client(transport, oslo_messaging.Target(topic='other'))
        self.endpoints = [Endpoint(other), Second()]
        self.server = self.made()
        self.transport.serve(self.server)
        self.client = oslo_messaging.get_rpc_client(
            oslo_messaging.get_rpc_transport(
                None, allowed_remote_exmods=['oslo_messaging.rpc.dispatcher']),
            oslo_messaging.Target(topic='here', namespace='ns', version='1.0'))

    def made(self, **kwargs):
        transport = oslo_messaging.get_rpc_transport(None)
        target = oslo_messaging.Target(topic='here', server='s1')
        return oslo_messaging.get_rpc_server(transport, target, self.endpoints, **kwargs)

    def test_methods_are_found_as_a_server_finds_them(self):
        self.assertEqual(self.client.call({}, 'add', a=1), 3)
        self.assertEqual(self.client.call({}, 'whoami'), ['s1', '1.0'])
        self.assertEqual(self.client.prepare(version='2.0').call({}, 'which'), 2)
        self.assertEqual(self.client.prepare(namespace=None).call({}, 'add', a=1, b=1), 2)
        for method, settings, raised in [
                ('nope', {}, oslo_messaging.NoSuchMethod),
                ('_private', {}, oslo_messaging.NoSuchMethod),
                ('add', {'version': '2.0'}, oslo_messaging.NoSuchMethod),
                ('add', {'version': '1.6'}, oslo_messaging.UnsupportedVersion),
                ('add', {'namespace': 'other'}, oslo_messaging.UnsupportedVersion)]:
            with self.subTest(method, **settings), self.assertRaises(raised):
                self.client.prepare(**settings).call({}, method, a=1)

    def test_exceptions_arrive_expected_or_not(self):
        with self.assertRaises(LookupError) as caught:
            self.client.call({}, 'lost')
        self.assertEqual(caught.exception.args[1], 7)
        with self.assertRaises(TypeError):
            self.client.call({}, 'add', c=1)

    def test_the_context_has_what_upstream_puts_there(self):
        self.assertEqual(self.client.call({'user': 'me'}, 'context'),
                         {'user': 'me', 'client_timeout': None})
        monitored = self.client.prepare(call_monitor_timeout=5)
        self.assertEqual(monitored.call({}, 'context'), {'client_timeout': 5})

    def test_a_method_calls_on_behalf_of_its_caller(self):
        other = self.transport.server('other')
        other.returns('there', 'pong')
        other.raises('fails', ValueError('no'))
        self.assertEqual(self.client.call({'user': 'me'}, 'relay', name='there'), 'pong')
        self.assertEqual(self.transport.requests[-1].context['user'], 'me')
        with self.assertRaises(ValueError):
            self.client.call({}, 'relay', name='fails')

    def test_an_async_method_is_waited_for_where_the_world_can(self):
        self.assertEqual(self.client.call({}, 'waits'), 'done')
        with self.assertRaises(LookupError):
            self.client.call({}, 'loses')
        asyncio.run(self.wait_for_it())
        request = Request(0, 'waits', '{}', '{}')
        with self.assertRaisesRegex(RuntimeError, 'rpc-endpoint-async'):
            self.server.dispatcher.run(request)

    async def wait_for_it(self):
        self.assertEqual(self.client.call({}, 'waits'), 'done')

    def test_serializers_and_policies_are_those_of_the_server(self):
        server = self.made(serializer=Upper(),
                           access_policy=oslo_messaging.ExplicitRPCAccessPolicy)
        first, second = server.dispatcher.described()
        self.assertEqual((first.namespace, first.legacy_namespaces, first.version, first.methods),
                         ('ns', [None], '1.5', ['context']))
        self.assertEqual(second.methods, [])
        self.assertIn('_private', self.made(
            access_policy=oslo_messaging.LegacyRPCAccessPolicy).dispatcher.described()[0].methods)
        context = json.loads(server.dispatcher.run(Request(0, 'context', '{}', '{}')))
        self.assertEqual(context, {'client_timeout': None, 'read': True})
        self.assertEqual(server.dispatcher.run(Request(0, 'whoami', '{}', '{}',
                                                       served_by=oslo_messaging.Target())),
                         '[null, null]')

    def test_what_ends_a_method_ends_no_server(self):
        for method, said in (('exits', 'SystemExit: 3'), ('awaits_cancelled', 'CancelledError')):
            with self.subTest(method), self.assertRaisesRegex(RuntimeError, said):
                self.client.call({}, method)
        with self.assertRaises(oslo_messaging.RemoteError) as caught:
            self.client.call({}, 'unprintable')
        self.assertEqual(caught.exception.exc_type, 'Unprintable')
        self.assertEqual(self.client.call({}, 'add', a=1), 3)

    def test_what_is_no_endpoint_is_named(self):
        target = oslo_messaging.Target
        for wrong, said in [
                (target(version=1.5), '`version` is a string or None, not 1.5'),
                (target(namespace=7), '`namespace` is a string or None, not 7'),
                (target(namespace='half \ud83d'), '`namespace` has a surrogate'),
                (target(legacy_namespaces=[None, 7]), '`legacy_namespaces` is a string or None')]:
            endpoint = type('Odd', (), {'target': wrong})()
            server = self.made()
            server.dispatcher.endpoints = [Second(), endpoint]
            with self.subTest(said), self.assertRaisesRegex(TypeError, f'{said}.*Odd'):
                server.dispatcher.described()
        endpoint = Second()
        setattr(endpoint, 'half \ud83d', 7)
        with self.assertRaisesRegex(TypeError, '`method` has a surrogate.*Second'):
            oslo_messaging.RPCDispatcher([endpoint], None).described()
        with self.assertRaisesRegex(TypeError, '`legacy_namespaces` is a list'):
            target(legacy_namespaces='old')

    def test_a_method_that_the_policy_fails_at_is_not_served(self):
        class Lazy:
            @property
            def late(self):
                raise LookupError('not yet')

            @oslo_messaging.expose
            def here(self, ctxt):
                return 1

        dispatcher = oslo_messaging.RPCDispatcher(
            [Lazy()], None, oslo_messaging.ExplicitRPCAccessPolicy)
        with contextlib.redirect_stderr(io.StringIO()) as errors:
            self.assertEqual(dispatcher.described()[0].methods, ['here'])
        self.assertIn('`late`', errors.getvalue())
        self.assertIn('not yet', errors.getvalue())

    def test_what_a_service_does_with_a_server_does_no_harm(self):
        self.server.start()
        self.server.stop()
        self.server.wait()
        with self.assertRaises(RuntimeError):
            current_request()
        with self.assertRaisesRegex(TypeError, 'target'):
            oslo_messaging.RPCDispatcher([type('E', (), {'target': 'text'})()], None)


class Failures(unittest.TestCase):
    def test_they_have_the_names_that_a_real_server_has(self):
        remote = type('Quota_Remote', (Exception,), {'__module__': 'acme_Remote'})
        for failure, name in [
                (ValueError('x'), ('builtins', 'ValueError')),
                (remote('x'), ('acme', 'Quota')),
                (oslo_messaging.MessagingTimeout('x'),
                 ('oslo_messaging.exceptions', 'MessagingTimeout')),
                (oslo_messaging.RemoteError('A', 'b'),
                 ('oslo_messaging.rpc.client', 'RemoteError'))]:
            with self.subTest(failure=failure):
                sent = Failure.of(failure)
                self.assertEqual((sent.type_module, sent.type_name), name)

    def test_arguments_are_json_whatever_they_are(self):
        deep = []
        for _ in range(300):
            deep = [deep]
        self.assertEqual(json.loads(Failure.of(ValueError(7, object(), deep)).args)[0], 7)
        failure = ValueError(object, float('nan'), 'lone \ud83d')
        failure.kwargs = {1: {2}}
        sent = Failure.of(failure)
        self.assertEqual(len(json.loads(sent.args)), 3)
        self.assertEqual(json.loads(sent.kwargs), {'1': [2]})
        sent.message.encode('utf-8')

    def test_what_it_says_of_itself_may_fail(self):
        class Broken:
            def items(self):
                raise LookupError('no items')

        class Odd(dict):
            def items(self):
                raise LookupError('no items')

        class Quitting:
            def __str__(self):
                sys.exit(3)

        sent = Failure.of(Unprintable(7, Broken(), Odd(a=1), Quitting()))
        self.assertEqual((sent.type_name, sent.message, sent.kwargs),
                         ('Unprintable', '<Unprintable that cannot be printed>', '{}'))
        self.assertEqual(json.loads(sent.args)[0], 7)
        self.assertEqual(json.loads(sent.args)[2:],
                         ["{'a': 1}", '<Quitting that cannot be printed>'])
        failure = ValueError('x')
        failure.kwargs = Odd(a=1)
        self.assertEqual(json.loads(Failure.of(failure).kwargs), {'a': 1})
        unknown = type('Unknown', (Exception,), {'__module__': 7})
        self.assertEqual(Failure.of(unknown('x')).type_module, 'builtins')
        nameless = type('Args', (Exception,), {'args': property(lambda self: 1 / 0)})
        self.assertEqual(Failure.of(nameless('x')).args, '[]')

    def test_what_is_nested_deeply_is_not_gone_into(self):
        deep = []
        for _ in range(100_000):
            deep = [deep]
        for arg, said in ((deep, '<list that is nested too deeply>'),
                          (collections.deque([deep]), '<deque that is nested too deeply>'),
                          (LookupError(deep), '<LookupError that is nested too deeply>')):
            with self.subTest(said):
                try:
                    raise ValueError(7, arg)
                except ValueError as failure:
                    sent = Failure.of(failure)
                self.assertEqual(json.loads(sent.args)[1], said)
                self.assertLess(len(''.join(sent.traceback)), 2000)
        self.assertEqual(Failure.of(ValueError(deep)).message,
                         '<ValueError that is nested too deeply>')


if __name__ == '__main__':
    unittest.main()
