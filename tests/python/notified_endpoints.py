"""An endpoint for notifications that a service and a plugin have alike: this file is imported by both,
unchanged. It answers with notifications.
"""

import oslo_messaging


class Context:
    """As oslo.context's, of which notifiers send what is left after the secrets."""

    def __init__(self, values):
        self._values = values

    def redacted_copy(self):
        return Context({k: v for k, v in self._values.items() if k != 'auth_token'})

    def to_dict(self):
        return self._values


class Endpoint:
    """Handles `show.*` at once, and `again.*` and `fail.*` when they come for the second time."""

    filter_rule = oslo_messaging.NotificationFilter(
        publisher_id='^tester$', event_type=r'^(show|again|fail|wrong)\.', payload={'answer': '.'},
        context={'user': '^alice$'})

    def __init__(self, transport):
        self._transport = transport
        self._seen = set()
        self._count = 0

    def audit(self, *said):
        return self._handle('audit', *said)

    def info(self, *said):
        return self._handle('info', *said)

    def warn(self, *said):
        return self._handle('warn', *said)

    def error(self, *said):
        return self._handle('error', *said)

    def critical(self, *said):
        return self._handle('critical', *said)

    def sample(self, *said):
        return self._handle('sample', *said)

    def _handle(self, priority, ctxt, publisher_id, event_type, payload, metadata):
        self._count += 1
        if not event_type.startswith('show.') and payload['id'] not in self._seen:
            self._seen.add(payload['id'])
            if event_type.startswith('fail.'):
                raise ValueError('not yet')
            return oslo_messaging.NotificationResult.REQUEUE
        notifier = oslo_messaging.Notifier(
            self._transport, 'nobody', driver='messagingv2', topics=[payload['answer']])
        notify = getattr(notifier.prepare(publisher_id='notified.host-1'), priority)
        notify(Context({'user': 'bob', 'auth_token': 'secret'}), 'shown', {
            'priority': priority, 'publisher_id': publisher_id, 'event_type': event_type,
            'user': ctxt['user'], 'payload': payload, 'message_id': len(metadata['message_id']),
            'timestamp': len(metadata['timestamp']), 'count': self._count})
        return oslo_messaging.NotificationResult.HANDLED
