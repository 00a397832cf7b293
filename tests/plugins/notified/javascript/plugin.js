/** Handles notifications as `tests/python/notified_endpoints.py` does. */
import { MessagingError, openNotifier } from 'oslo-messaging-guest';

import { wrong } from './wrong.js';

let count = 0;
const seen = new Set();

async function handle(notification) {
  const { priority, publisherId, eventType, context, payload, messageId, timestamp } = notification;
  count += 1;
  const notifier = openNotifier('notified.host-1', { topics: [payload.answer], timeout: 30, retry: 2 });
  const [verb, kind] = eventType.split('.');
  if (verb === 'wrong') {
    const error = await wrong(kind).catch((it) => it);
    const { argument, outcome } = error instanceof MessagingError ? error : { argument: String(error) };
    await notifier.info({}, 'refused', { argument, outcome, count });
    return undefined;
  }
  if (verb !== 'show' && !seen.has(payload.id)) {
    seen.add(payload.id);
    if (verb === 'fail') {
      throw new RangeError('not yet');
    }
    return 'requeue';
  }
  await notifier[priority]({ user: 'bob' }, 'shown', {
    priority, publisher_id: publisherId, event_type: eventType, user: context.user, payload,
    message_id: messageId.length, timestamp: timestamp.length, count,
  });
  return undefined;
}

export const notificationEndpoint = {
  filterRule: {
    publisherId: '^tester$', eventType: '^(show|again|fail|wrong)\\.', payload: { answer: '.' },
    context: { user: '^alice$' },
  },
  audit: handle,
  info: handle,
  warn: handle,
  error: handle,
  critical: handle,
  sample: handle,
};
