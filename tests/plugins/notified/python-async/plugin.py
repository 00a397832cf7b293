"""Handles notifications as `tests/python/notified_endpoints.py` does, and waits with `async`."""

import asyncio
from typing import Any

import notified_endpoints

import oslo_messaging_guest as messaging
from oslo_messaging_guest import aio


class Endpoint(notified_endpoints.Endpoint):
    """Its answers go out beside each other."""

    async def _handle(self, priority: str, ctxt: Any, publisher_id: str, event_type: str,
                      payload: Any, metadata: Any) -> Any:
        self._count += 1
        if event_type.startswith('wrong.'):
            return await self._wrong(event_type.removeprefix('wrong.'), payload)
        if not event_type.startswith('show.') and payload['id'] not in self._seen:
            self._seen.add(payload['id'])
            await asyncio.sleep(0)
            if event_type.startswith('fail.'):
                raise ValueError('not yet')
            return messaging.NotificationResult.REQUEUE
        notifier = aio.Notifier(self._transport, 'notified.host-1', topics=[payload['answer']])
        context = notified_endpoints.Context({'user': 'bob', 'auth_token': 'secret'})
        await asyncio.gather(
            getattr(notifier, priority)(context, 'shown', {
                'priority': priority, 'publisher_id': publisher_id, 'event_type': event_type,
                'user': ctxt['user'], 'payload': payload,
                'message_id': len(metadata['message_id']),
                'timestamp': len(metadata['timestamp']), 'count': self._count}),
            aio.Notifier(self._transport, topics=['nobody-listens']).info({}, 'beside', {}))
        return None

    async def _wrong(self, kind: str, payload: Any) -> None:
        answers = aio.Notifier(self._transport, topics=[payload['answer']])
        wrong = aio.Notifier(self._transport, topics=[]) if kind == 'topics' else answers
        given: Any = {'payload': object(), 'nan': float('nan')}.get(kind, {})
        try:
            if kind == 'priority':
                await wrong._notify({}, 'e', given, 'URGENT')
            event_type = {'surrogate': '\ud83d', 'event-type': 'e' * 300}.get(kind, 'e')
            await wrong.info({}, event_type, given)
        except messaging.InvalidArgument as error:
            await answers.info({}, 'refused', {'argument': error.argument, 'count': self._count,
                                               'outcome': error.outcome})


def listener() -> messaging.NotificationServer:
    """What the host has notifications handled by."""
    transport = messaging.get_notification_transport()
    targets = [messaging.Target(topic='notified')]
    return messaging.get_notification_listener(
        transport, targets, [Endpoint(transport)], allow_requeue=True)
