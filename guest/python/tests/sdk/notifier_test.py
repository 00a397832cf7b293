"""Notifiers, plain and with `async` methods."""

import asyncio
import gc
import unittest
import weakref

import oslo_messaging_guest as messaging
from oslo_messaging_guest import Outcome, aio, testing

PRIORITIES = ['audit', 'debug', 'info', 'warn', 'error', 'critical', 'sample']


class Context:
    """As oslo.context's, of which listeners see what is left after the secrets."""

    def __init__(self, **values):
        self._values = values

    def redacted_copy(self):
        return Context(**{k: v for k, v in self._values.items() if k != 'auth_token'})

    def to_dict(self):
        return self._values


class Upper(messaging.NoOpSerializer):
    def serialize_entity(self, ctxt, entity):
        return entity.upper()


class Notifying(unittest.TestCase):
    def setUp(self):
        self.transport = self.enterContext(testing.Transport(timeout=33))

    def notifier(self, *args, **kwargs):
        return messaging.Notifier(messaging.get_notification_transport(), *args, **kwargs)

    def test_what_is_notified_can_be_looked_at(self):
        self.notifier('compute.host-1').info(
            Context(user='me', auth_token='secret'), 'a.b', {'id': 7})
        self.assertEqual(self.transport.notified, [testing.Notified(
            'info', 'compute.host-1', ['notifications'], {'user': 'me'}, 'a.b', {'id': 7}, 33,
            None)])

    def test_there_is_a_method_for_each_priority(self):
        notifier = self.notifier()
        for priority in PRIORITIES:
            getattr(notifier, priority)({}, 'e', None)
        notifier.warning({}, 'e', None)
        sent = [it.priority for it in self.transport.notified]
        self.assertEqual(sent, [*PRIORITIES, 'warn'])

    def test_settings_count_when_something_is_sent(self):
        notifier = self.notifier('one', topics=('a', 'b'), retry=3, timeout=1.5)
        notifier.info({}, 'e', [])
        notifier.prepare(publisher_id='two', retry=-1).info({}, 'e', [])
        notifier.publisher_id, notifier.timeout = None, None
        notifier.info({}, 'e', [])
        self.assertEqual(
            [(it.publisher_id, it.topics, it.retry, it.timeout) for it in self.transport.notified],
            [('one', ['a', 'b'], 3, 1.5), ('two', ['a', 'b'], None, 1.5),
             (None, ['a', 'b'], 3, 33)])

    def test_what_listeners_see_of_a_context_is_what_it_says(self):
        for ctxt in (None, {'secret': 1}, object()):
            self.notifier().info(ctxt, 'e', 1)
            self.assertEqual(self.transport.notified[-1].context, {})

    def test_payloads_become_json_as_arguments_do(self):
        self.notifier(serializer=Upper()).info({}, 'e', 'text')
        self.notifier().info({}, 'e', {'set': {1}, 'error': ValueError('x')})
        self.assertEqual([it.payload for it in self.transport.notified],
                         ['TEXT', {'set': [1], 'error': "ValueError('x')"}])

    def test_drivers_say_whether_something_is_sent(self):
        quiet = self.notifier(driver='noop')
        quiet.info({}, 'e', {})
        self.assertFalse(quiet.is_enabled())
        self.assertTrue(self.notifier().is_enabled())
        self.notifier(driver='messaging').info({}, 'e', {})
        self.assertEqual(len(self.transport.notified), 1)
        with self.assertRaisesRegex(messaging.NotInPlugin, "'routing'"):
            self.notifier(driver='routing').info({}, 'e', {})
        transport = messaging.get_notification_transport()
        transport.conf.oslo_messaging_notifications.driver = []
        messaging.Notifier(transport).info({}, 'e', {})
        transport.conf.oslo_messaging_notifications.driver = ['messaging']
        transport.conf.oslo_messaging_notifications.topics = ['ours']
        messaging.Notifier(transport).info({}, 'e', {})
        self.assertEqual(self.transport.notified[-1].topics, ['ours'])
        self.assertEqual(len(self.transport.notified), 2)

    def test_a_configuration_is_its_transports_own(self):
        ours, others = (messaging.get_notification_transport() for _ in range(2))
        ours.conf.oslo_messaging_notifications.topics.append('audit')
        messaging.Notifier(ours).info({}, 'e', {})
        messaging.Notifier(others).info({}, 'e', {})
        self.assertEqual([it.topics for it in self.transport.notified],
                         [['notifications', 'audit'], ['notifications']])
        ours.conf.oslo_messaging_notifications.driver = 'noop'
        self.assertFalse(messaging.Notifier(ours).is_enabled())

    def test_what_is_wrong_is_named_and_harms_nothing(self):
        deep = []
        for _ in range(300):
            deep = [deep]
        notify = self.notifier
        for argument, use in (
                ('payload', lambda: notify().info({}, 'e', float('nan'))),
                ('payload', lambda: notify().info({}, 'e', {'x': [float('inf')]})),
                ('payload', lambda: notify().info({}, 'e', object())),
                ('payload', lambda: notify().info({}, 'e', deep)),
                ('event_type', lambda: notify().info({}, None, {})),
                ('event_type', lambda: notify().info({}, '\ud83d', {})),
                ('event_type', lambda: notify().info({}, 'e' * 300, {})),
                ('publisher_id', lambda: notify('\udfff').info({}, 'e', {})),
                ('publisher_id', lambda: notify('p' * 300).info({}, 'e', {})),
                ('publisher_id', lambda: notify(7).info({}, 'e', {})),
                ('topics', lambda: notify(topics='text').info({}, 'e', {})),
                ('topics', lambda: notify(topics=[]).info({}, 'e', {})),
                ('topics', lambda: notify(topics=[7]).info({}, 'e', {})),
                ('topics', lambda: notify(topics=7).info({}, 'e', {})),
                ('retry', lambda: notify(retry='often').info({}, 'e', {})),
                ('timeout', lambda: notify(timeout=-1).info({}, 'e', {})),
                ('priority', lambda: notify()._notify({}, 'e', {}, 'URGENT'))):
            with self.subTest(argument), self.assertRaises(messaging.InvalidArgument) as caught:
                use()
            self.assertEqual(caught.exception.argument, argument)
            self.assertEqual(caught.exception.outcome, Outcome.NOT_EXECUTED)
        # A surrogate has a form in JSON.
        notify().info({}, 'e', '\ud83d')
        self.assertEqual(len(self.transport.notified), 1)

    def test_what_the_host_says_is_raised(self):
        self.transport.notifications_fail(lambda notified: None if notified.event_type == 'good' else
            messaging.MessageDeliveryFailure('away', outcome=Outcome.UNKNOWN))
        with self.assertRaisesRegex(messaging.MessageDeliveryFailure, 'away') as caught:
            self.notifier().info({}, 'e', {})
        self.assertIs(caught.exception.outcome, Outcome.UNKNOWN)
        self.notifier().info({}, 'good', {})
        other = messaging.get_notification_transport(name='other')
        with self.assertRaises(messaging.AccessDenied):
            messaging.Notifier(other).info({}, 'e', {})
        with self.assertRaises(messaging.InvalidTransportURL):
            messaging.get_notification_transport(url='rabbit://host/')

    def test_nothing_keeps_a_notifier_of_the_host(self):
        gc.collect()
        gc.disable()
        self.addCleanup(gc.enable)
        notifier = self.notifier('me')
        notifier.info({}, 'e', {})
        kept = weakref.ref(notifier._host._raw)
        try:
            notifier.info({}, 'e' * 300, {})
        except messaging.InvalidArgument:
            pass
        self.assertIsNotNone(kept())
        del notifier
        self.assertIsNone(kept())


class NotifyingBesideOthers(unittest.TestCase):
    def setUp(self):
        self.transport = self.enterContext(testing.Transport())

    def test_many_go_out_at_once(self):
        async def run():
            notifier = aio.Notifier(messaging.get_notification_transport(), 'me')
            await asyncio.gather(*(getattr(notifier, it)({}, it, {}) for it in PRIORITIES))
            await notifier.prepare('you').warning({}, 'last', {})
            with self.assertRaises(messaging.InvalidArgument) as caught:
                await notifier.info({}, 'e' * 300, {})
            self.assertEqual(caught.exception.argument, 'event_type')
            await aio.settle()

        asyncio.run(run())
        self.assertEqual([it.event_type for it in self.transport.notified], [*PRIORITIES, 'last'])
        self.assertEqual(self.transport.notified[-1].publisher_id, 'you')


if __name__ == '__main__':
    unittest.main()
