/** The export `notification-endpoint` of a plugin that handles notifications. */
import host from 'oslo:messaging/notification@0.1.0';

import { NotificationEndpoint } from '../src/notifications.js';
import { settle } from './exports.js';
import { inspect } from './inspect.js';
import { described } from './listed.js';
import { write } from './streams.js';

/** What the host calls. The plugin is loaded when it is asked the first time. */
export function listening(load) {
  let made = null;
  const endpoint = () => {
    made ??= described('notificationEndpoint', () => settle('notificationEndpoint', () => {
      const { notificationEndpoint } = load();
      return notificationEndpoint;
    }), (it) => new NotificationEndpoint(it, (line) => write('stderr', `${line}\n`)));
    return made;
  };
  return {
    filterRule: () => filter(endpoint().filter),
    handle(notification) {
      let again = true;
      try {
        const told = said(notification);
        again = settle(told.priority, () => endpoint().handle(told));
      } catch (error) {
        // There is nobody to tell but whoever reads what the plugin prints.
        write('stderr', `a notification was not handled: ${inspect(error)}\n`);
      }
      if (again) {
        // How this toolchain says `err` of a `result` without a value; an Error would trap.
        throw undefined;
      }
    },
  };
}

/** Everything that the host says of a notification, which it has back then. */
function said(notification) {
  const told = {
    priority: notification.priority(),
    publisherId: notification.publisherId() ?? null,
    eventType: notification.eventType() ?? null,
    messageId: notification.messageId() ?? null,
    timestamp: notification.timestamp() ?? null,
    context: notification.context(),
    payload: notification.payload(),
    redelivered: notification.redelivered(),
  };
  notification[Symbol.dispose]();
  return told;
}

/** The host's filter of what an endpoint wants. */
function filter({ priorities, publisherId, eventType, context, metadata, payload }) {
  const rule = new host.Filter();
  for (const priority of priorities) {
    rule.addPriority(priority);
  }
  if (publisherId !== null) {
    rule.setPublisherId(publisherId);
  }
  if (eventType !== null) {
    rule.setEventType(eventType);
  }
  for (const [name, regex] of context) {
    rule.addContext(name, regex);
  }
  for (const [name, regex] of metadata) {
    rule.addMetadata(name, regex);
  }
  for (const [name, regex] of payload) {
    rule.addPayload(name, regex);
  }
  return rule;
}
