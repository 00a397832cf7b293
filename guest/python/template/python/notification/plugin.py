"""NAME: a plugin that handles notifications."""

from typing import Any

import oslo_messaging_guest as messaging


class Instances:
    """It has a method for each priority that it wants."""

    filter_rule = messaging.NotificationFilter(event_type=r'^compute\.instance\.')

    def info(self, ctxt: dict[str, Any], publisher_id: str, event_type: str,
             payload: dict[str, Any], metadata: dict[str, Any]) -> None:
        print('there is news of', payload['id'])


def listener() -> messaging.NotificationServer:
    """What the host hands notifications to; the topic is for tests, the host has its own."""
    transport = messaging.get_notification_transport()
    targets = [messaging.Target(topic='notifications')]
    return messaging.get_notification_listener(transport, targets, [Instances()])
