"""Has the endpoint of `tests/python/notified_endpoints.py`, whose file is the one of a service."""

from typing import Any

import notified_endpoints
import oslo_messaging

import oslo_messaging_guest as messaging
import wrong


class NotificationEndpoint(notified_endpoints.Endpoint):
    """It does what is wrong, besides, and answers with what it was told of that."""

    def _handle(self, priority: str, ctxt: Any, publisher_id: str, event_type: str, payload: Any,
                metadata: Any) -> Any:
        if not event_type.startswith('wrong.'):
            return super()._handle(priority, ctxt, publisher_id, event_type, payload, metadata)
        self._count += 1
        answers = messaging.Notifier(self._transport, topics=[payload['answer']])
        try:
            wrong.use(event_type.removeprefix('wrong.'), answers)
        except messaging.InvalidArgument as error:
            answers.info({}, 'refused', {'argument': error.argument, 'count': self._count,
                                         'outcome': error.outcome})
        return None


def listener() -> messaging.NotificationServer:
    """What the host has notifications handled by."""
    transport = messaging.get_notification_transport()
    targets = [oslo_messaging.Target(topic='notified')]
    return messaging.get_notification_listener(
        transport, targets, [NotificationEndpoint(transport)], allow_requeue=True)
