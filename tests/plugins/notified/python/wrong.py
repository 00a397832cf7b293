"""Notifications that cannot be sent."""

import oslo_messaging_guest as messaging


def use(kind: str, notifier: messaging.Notifier) -> None:
    """Does it."""
    notify = notifier.info
    match kind:
        case 'payload':
            notify({}, 'e', object())
        case 'nan':
            notify({}, 'e', {'x': [float('nan')]})
        case 'surrogate':
            notify({}, '\ud83d', {})
        case 'event-type':
            notify({}, 'e' * 300, {})
        case 'priority':
            notifier._notify({}, 'e', {}, 'URGENT')
        case 'topics':
            messaging.Notifier(notifier.transport, topics=[]).info({}, 'e', {})
        case 'depth':
            deep: list[object] = []
            for _ in range(300):
                deep = [deep]
            notify({}, 'e', deep)
