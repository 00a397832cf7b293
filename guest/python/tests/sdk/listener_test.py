"""Endpoints for notifications, without a component."""

import asyncio
import contextlib
import io
import re
import unittest

import oslo_messaging_guest as messaging
from oslo_messaging_guest import NotificationFilter, NotificationResult, testing
from oslo_messaging_guest.notification_dispatcher import Notification


class Endpoint:
    filter_rule = NotificationFilter(event_type=r'^compute\.', payload={'state': '^active$'})

    def __init__(self):
        self.told = []
        self.answer = None

    def info(self, ctxt, publisher_id, event_type, payload, metadata):
        self.told.append((ctxt, publisher_id, event_type, payload, metadata))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Second:
    def __init__(self):
        self.told = []

    async def info(self, ctxt, publisher_id, event_type, payload, metadata):
        await asyncio.sleep(0)
        self.told.append(event_type)

    error = info


class Unpacking(messaging.NoOpSerializer):
    def deserialize_entity(self, ctxt, entity):
        return entity['data']


class Listening(unittest.TestCase):
    def setUp(self):
        self.start()

    def start(self):
        self.doCleanups()
        self.transport = self.enterContext(testing.Transport())
        self.endpoint, self.second = Endpoint(), Second()
        self.notifier = messaging.Notifier(
            messaging.get_notification_transport(), 'compute.host-1', topics=['notes'])

    def listen(self, endpoints, **kwargs):
        transport = messaging.get_notification_transport()
        listener = messaging.get_notification_listener(
            transport, [messaging.Target(topic='notes')], endpoints, **kwargs)
        self.transport.listen(listener)
        return listener

    def test_endpoints_are_given_what_they_want(self):
        self.listen([self.endpoint, self.second])
        self.notifier.info({}, 'compute.start', {'state': 'active'})
        self.notifier.info({}, 'compute.start', {'state': 'gone'})
        self.notifier.info({}, 'volume.start', {'state': 'active'})
        self.notifier.warn({}, 'compute.start', {'state': 'active'})
        self.notifier.error({}, 'compute.fails', 'text')
        [(ctxt, publisher, event_type, payload, metadata)] = self.endpoint.told
        self.assertEqual((ctxt, publisher, event_type, payload),
                         ({}, 'compute.host-1', 'compute.start', {'state': 'active'}))
        self.assertEqual(sorted(metadata), ['message_id', 'timestamp'])
        self.assertEqual(self.second.told, [
            'compute.start', 'compute.start', 'volume.start', 'compute.fails'])

    def test_filters_match_what_a_serializer_makes(self):
        self.listen([self.endpoint], serializer=Unpacking())
        self.notifier.info({}, 'compute.start', {'data': {'state': 'active'}})
        self.notifier.info({}, 'compute.start', {'data': {'state': 'gone'}})
        self.assertEqual([it[3] for it in self.endpoint.told], [{'state': 'active'}])

    def test_what_an_endpoint_wants_again_comes_again_if_that_was_asked_for(self):
        for allowed, answer, comes_again in (
                (True, NotificationResult.REQUEUE, True), (True, NotificationResult.HANDLED, False),
                (True, None, False), (True, ValueError('no'), True),
                (False, NotificationResult.REQUEUE, False), (False, ValueError('no'), False)):
            with self.subTest(allowed=allowed, answer=answer):
                self.start()
                self.endpoint.answer = answer
                self.listen([self.endpoint, self.second], allow_requeue=allowed)
                said = io.StringIO()
                with contextlib.redirect_stderr(said):
                    self.notifier.info({}, 'compute.a', {'state': 'active'})
                self.assertEqual(len(self.transport.requeued), comes_again)
                again = NotificationResult.REQUEUE
                # One that wants it again is the last that is asked.
                self.assertEqual(self.second.told, [] if (
                    answer == again or isinstance(answer, ValueError)) else ['compute.a'])
                self.assertEqual('ValueError: no' in said.getvalue(), isinstance(answer, ValueError))

    def test_what_cannot_be_read_ends_nothing(self):
        listener = self.listen([self.second], allow_requeue=True)
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            for payload in ('[' * 300 + ']' * 300, 'no JSON', '1' * 5000):
                self.assertFalse(listener.handle(Notification('info', '{}', payload)))
        self.assertEqual(said.getvalue().count('A notification was not handled'), 3)
        self.assertEqual(self.second.told, [])

    def test_a_filter_that_fails_ends_nothing(self):
        class Failing(NotificationFilter):
            def match(self, *said):
                raise LookupError('not found')

        for rule, why in ((Failing(), 'not found'), (NotificationFilter(event_type=b'x'), 'bytes')):
            self.endpoint.filter_rule = rule
            listener = self.listen([self.endpoint, self.second], allow_requeue=True)
            came = Notification('info', '{}', '{}', event_type='x')
            said = io.StringIO()
            with contextlib.redirect_stderr(said):
                self.assertFalse(listener.handle(came))
                self.assertFalse(asyncio.run(listener.handle_async(came)))
            self.assertEqual(said.getvalue().count('A notification was not handled'), 2)
            self.assertIn(why, said.getvalue())
        self.assertEqual((self.endpoint.told, self.second.told), ([], []))

    def test_a_plain_world_waits_for_no_async_method(self):
        listener = self.listen([self.second], allow_requeue=True)
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            self.assertFalse(listener.handle(Notification('info', '{}', '{}')))
        self.assertIn('notification-endpoint-async', said.getvalue())

    def test_the_host_is_told_of_one_filter_and_not_of_several(self):
        dispatcher = self.listen([self.endpoint]).dispatcher
        self.assertEqual(dispatcher.supported_priorities, ['info'])
        self.assertIs(dispatcher.common_filter, Endpoint.filter_rule)
        both = self.listen([self.endpoint, self.second]).dispatcher
        self.assertEqual(both.supported_priorities, ['info', 'error'])
        self.assertIsNone(both.common_filter)
        self.assertIsNone(self.listen([self.second]).dispatcher.common_filter)
        told = []

        class Rule:
            def __getattr__(self, name):
                return lambda *args: told.append((name, *args))

        both.tell(Rule())
        self.assertEqual(told, [('add_priority', 'info'), ('add_priority', 'error')])
        told.clear()
        dispatcher.tell(Rule())
        self.assertEqual(told, [
            ('add_priority', 'info'), ('set_event_type', r'^compute\.'),
            ('add_payload', 'state', '^active$')])
        told.clear()
        # The host sees neither what a serializer makes of a payload, nor what a filter of the
        # plugin's own matches.
        self.listen([self.endpoint], serializer=Unpacking()).dispatcher.tell(Rule())
        self.assertEqual(told, [('add_priority', 'info'), ('set_event_type', r'^compute\.')])
        self.endpoint.filter_rule = type('Own', (NotificationFilter,), {})(event_type='x')
        self.assertIsNone(self.listen([self.endpoint]).dispatcher.common_filter)
        told.clear()
        NotificationFilter(context={'a': 'b'}, publisher_id=re.compile('p', re.IGNORECASE),
                           event_type='e', metadata={'timestamp': 't'},
                           payload={'c': 'd'}).tell(Rule())
        self.assertEqual(told, [
            ('set_publisher_id', '(?i)p'), ('set_event_type', 'e'), ('add_context', 'a', 'b'),
            ('add_metadata', 'timestamp', 't'), ('add_payload', 'c', 'd')])
        for wrong in ({'payload': {7: 'x'}}, {'event_type': '\ud83d'}, {'event_type': b'x'}):
            with self.assertRaises(messaging.InvalidArgument):
                NotificationFilter(**wrong).tell(Rule())

    def test_what_is_wrong_is_told_when_it_is_made(self):
        with self.assertRaises(re.error):
            NotificationFilter(event_type='(')
        endpoint = type('E', (), {'filter_rule': 'text'})()
        with self.assertRaisesRegex(TypeError, 'filter_rule'):
            self.listen([endpoint])
        self.listen([]).start()
        # To a host that is told of no priority all of them are wanted.
        for endpoints in ([], [object()]):
            with self.assertRaisesRegex(TypeError, 'no endpoint .* a method audit, debug, info'):
                self.listen(endpoints).dispatcher.tell(None)


if __name__ == '__main__':
    unittest.main()
