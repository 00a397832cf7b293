"""Whether a method was executed: never said of a call that says otherwise."""

import contextlib
import json
import unittest

import oslo_messaging_guest as messaging
from oslo_messaging_guest import Outcome, message, outcome_of, testing


class Picky(messaging.NoOpSerializer):
    """Raises what it is told to, on the way out or on the way back."""

    def __init__(self, out=None, back=None):
        self.out, self.back = out, back

    def serialize_entity(self, ctxt, entity):
        if self.out:
            raise self.out
        return entity

    def deserialize_entity(self, ctxt, entity):
        if self.back:
            raise self.back
        return entity


class Recording(messaging.NoOpSerializer):
    """Remembers the order of what it was asked."""

    def __init__(self):
        self.asked = []

    def serialize_entity(self, ctxt, entity):
        self.asked.append(entity)
        return entity

    def serialize_context(self, ctxt):
        self.asked.append(ctxt)
        return ctxt


class Outcomes(unittest.TestCase):
    def setUp(self):
        self.transport = self.enterContext(testing.Transport())
        self.server = self.transport.server('compute')
        self.server.runs('echo', lambda ctxt, value=None: value)

    def client(self, serializer=None, **options):
        return messaging.get_rpc_client(
            messaging.get_rpc_transport(**options), messaging.Target(topic='compute'),
            serializer=serializer)

    def test_contexts_are_exceptions_of_the_caller(self):
        client = self.client()
        with self.assertRaises(messaging.RemoteError) as caught:
            client.call({}, 'missing')
        self.assertIsNone(caught.exception.__context__)
        # `contextlib` assigns to each of a chain.
        with self.assertRaises(messaging.RemoteError) as caught, contextlib.ExitStack() as stack:
            stack.callback(client.call, {}, 'missing')
            raise KeyError('first')
        self.assertIsInstance(caught.exception.__context__, KeyError)
        with self.assertRaises(messaging.NoSuchTarget) as caught:
            try:
                raise KeyError('first')
            except KeyError:
                client.prepare(topic='nobody').call({}, 'echo')
        self.assertIsInstance(caught.exception.__context__, KeyError)
        self.assertFalse(caught.exception.__suppress_context__)

    def test_nothing_is_known_of_foreign_exceptions(self):
        for error in (ValueError('no'), messaging.MessagingException('no'), KeyboardInterrupt(),
                      messaging.InvalidTransportURL('', '')):
            expected = getattr(error, 'outcome', None)
            self.assertIs(outcome_of(error), expected)
        try:
            raise ValueError('no') from messaging.NoSuchTarget('no', '', '')
        except ValueError as error:
            self.assertIsNone(outcome_of(error))

    def test_what_a_serializer_raises_comes_through(self):
        class Incompatible(Exception):
            pass

        with self.assertRaises(Incompatible) as caught:
            self.client(Picky(back=Incompatible('2.0'))).call({}, 'echo', value=1)
        self.assertIs(outcome_of(caught.exception), Outcome.EXECUTED)
        self.assertIn('was executed', caught.exception.__notes__[0])
        with self.assertRaises(Incompatible) as caught:
            self.client(Picky(out=Incompatible('2.0'))).call({}, 'echo', value=1)
        self.assertIs(outcome_of(caught.exception), Outcome.NOT_EXECUTED)

    def test_a_call_made_by_a_serializer_does_not_speak_for_the_outer_one(self):
        inner = messaging.NoSuchTarget('nobody backports', '', '')
        with self.assertRaises(messaging.NoSuchTarget) as caught:
            self.client(Picky(back=inner)).call({}, 'echo', value=1)
        self.assertIs(outcome_of(caught.exception), Outcome.EXECUTED)
        self.assertIs(caught.exception.outcome, Outcome.EXECUTED)

    def test_a_reply_that_cannot_be_read_was_executed(self):
        deep = '[' * 100_000 + ']' * 100_000
        for reply in (deep, '{"a":' * 100_000 + '1' + '}' * 100_000, '[', '9' * 5000):
            with self.assertRaises(messaging.InvalidReply) as caught:
                message.decode(messaging.NoOpSerializer(), {}, reply)
            self.assertIs(outcome_of(caught.exception), Outcome.EXECUTED)
            self.assertLess(len(str(caught.exception)), 300)

    def test_arguments_of_a_remote_exception_that_cannot_be_read_stay_text(self):
        deep = '[' * 100_000 + ']' * 100_000
        self.server.runs('fail', lambda ctxt: None)
        refused = testing.bindings.error(
            'Remote', 'ValueError', 'builtins', 'no', deep, '{}', [])
        self.server.answer = lambda *_: (0, refused)
        with self.assertRaises(messaging.RemoteError) as caught:
            self.client().call({}, 'fail')
        self.assertEqual(caught.exception.remote_args, [deep])
        self.assertFalse(caught.exception.is_whole)
        self.assertIs(outcome_of(caught.exception), Outcome.EXECUTED)

    def test_arguments_that_are_nested_too_deeply_are_refused(self):
        value = []
        for _ in range(100_000):
            value = [value]
        with self.assertRaises(messaging.InvalidArgument) as caught:
            self.client().call({}, 'echo', value=value)
        self.assertEqual(caught.exception.argument, 'value')
        circle = []
        circle.append(circle)
        with self.assertRaises(messaging.InvalidArgument):
            self.client().call({}, 'echo', value=circle)
        self.assertEqual(self.transport.requests, [])

    def test_arguments_are_serialized_before_the_context(self):
        serializer = Recording()
        self.client(serializer).call({'user': 'me'}, 'echo', value=1)
        self.assertEqual(serializer.asked, [1, {'user': 'me'}])

    def test_every_error_of_a_host_has_its_outcome(self):
        for error, expected in (
                (messaging.MessagingTimeout('t', outcome=Outcome.NOT_EXECUTED), 'not-executed'),
                (messaging.MessagingTimeout('t'), 'unknown'),
                (messaging.MessageDeliveryFailure('d'), 'unknown'),
                (messaging.NoSuchTarget('n', 'e', 'k'), 'not-executed'),
                (messaging.LimitExceeded('l', 'requests'), 'not-executed'),
                (messaging.AccessDenied('a', 'default'), 'not-executed'),
                (messaging.InvalidReply('i'), 'executed'),
                (messaging.ClientSendError('t', 'c', Outcome.EXECUTED), 'executed'),
                (messaging.ClientSendError('t', 'c'), 'unknown'),
                (ValueError('v'), 'executed'),
                (KeyError('k'), 'executed')):
            self.server.raises('fail', error)
            with self.subTest(error), self.assertRaises(type(error)) as caught:
                self.client().call({}, 'fail')
            self.assertEqual(outcome_of(caught.exception), expected)

    def test_pythons_own_exceptions_come_back_as_themselves(self):
        self.server.raises('fail', ZeroDivisionError('division by zero'))
        with self.assertRaises(ZeroDivisionError) as caught:
            self.client().call({}, 'fail')
        cause = caught.exception.__cause__
        self.assertIsInstance(cause, messaging.RemoteError)
        self.assertEqual((cause.exc_type, cause.value, cause.remote_args),
                         ('ZeroDivisionError', 'division by zero', ['division by zero']))

    def test_allowed_modules_give_their_own_classes(self):
        self.server.raises('fail', json.JSONDecodeError('no', 'doc', 3))
        with self.assertRaises(messaging.RemoteError):
            self.client().call({}, 'fail')
        self.server.raises('fail', LookupError())
        modules = ['tests.sdk.outcome_test', 'oslo_messaging.rpc.dispatcher', 'no.such.module']
        client = self.client(allowed_remote_exmods=modules)
        self.server.raises('known', Known('a', size=3))
        with self.assertRaises(Known) as caught:
            client.call({}, 'known')
        self.assertEqual(type(caught.exception).__name__, 'Known_Remote')
        self.assertEqual((caught.exception.name, caught.exception.kwargs), ('a', {'size': 3}))
        self.assertIs(outcome_of(caught.exception), Outcome.EXECUTED)
        with self.assertRaises(messaging.NoSuchMethod):
            client.call({}, 'missing')

    def test_nobody_is_a_timeout_where_handlers_wait_for_one(self):
        transport = messaging.get_rpc_transport(nobody_times_out=True)
        client = messaging.get_rpc_client(transport, messaging.Target(topic='nobody'))
        with self.assertRaises(messaging.MessagingTimeout) as caught:
            client.call({}, 'echo')
        self.assertIsInstance(caught.exception, messaging.NoSuchTarget)
        self.assertIs(outcome_of(caught.exception), Outcome.NOT_EXECUTED)
        self.assertEqual(caught.exception.routing_key, 'nobody')
        transport.nobody_times_out = False
        with self.assertRaises(messaging.NoSuchTarget) as caught:
            client.call({}, 'echo')
        self.assertNotIsInstance(caught.exception, messaging.MessagingTimeout)


class Known(Exception):
    """An exception with arguments by name."""

    def __init__(self, name, **kwargs):
        super().__init__(name)
        self.name, self.kwargs = name, kwargs


if __name__ == '__main__':
    unittest.main()
