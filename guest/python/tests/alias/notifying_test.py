"""Code that was written for upstream's notifiers and listeners."""

import unittest

import oslo_messaging

import oslo_messaging_guest as guest
from oslo_messaging_guest import testing


class Endpoint:
    filter_rule = oslo_messaging.NotificationFilter(publisher_id='^compute')

    def __init__(self):
        self.told = []

    def warn(self, ctxt, publisher_id, event_type, payload, metadata):
        self.told.append(payload)
        return oslo_messaging.NotificationResult.HANDLED


class Broken:
    """What raises an error of its own when it becomes JSON."""

    def items(self):
        raise LookupError('it is broken')


class Notifying(unittest.TestCase):
    def test_one_notifies_and_another_handles(self):
        transport = oslo_messaging.get_notification_transport(None)
        notifier = oslo_messaging.Notifier(
            transport, 'compute.host-1', driver='messaging', topics=['notes'])
        endpoint = Endpoint()
        listener = oslo_messaging.get_notification_listener(
            transport, [oslo_messaging.Target(topic='notes')], [endpoint], executor='threading')
        with testing.Transport() as played:
            played.listen(listener)
            notifier.warn({}, 'a.b', 7)
            notifier.prepare(publisher_id='other').warn({}, 'a.b', 8)
            notifier.info({}, 'a.b', 9)
        self.assertEqual(endpoint.told, [7])
        self.assertIsInstance(notifier, guest.Notifier)

    def test_what_cannot_be_sent_is_in_the_log_alone(self):
        notifier = oslo_messaging.Notifier(oslo_messaging.get_notification_transport(None))
        with testing.Transport() as played:
            played.notifications_fail(lambda notified: guest.MessagingTimeout('too late'))
            for payload, said in ((7, 'too late'), (float('nan'), 'payload'), (Broken(), 'broken')):
                with self.assertLogs('oslo_messaging.notify.notifier') as logged:
                    notifier.info({}, 'a.b', payload)
                self.assertIn(said, logged.output[0])
        # Who made the plugin wrong has no log to look into.
        with self.assertRaisesRegex(RuntimeError, 'there is no host here'):
            notifier.info({}, 'a.b', 7)


if __name__ == '__main__':
    unittest.main()
