/** Handles notifications, and tells the topic that they name of each; see `tests/tests/notified.rs`. */
import { JsonText, MessagingError, openNotifier } from 'oslo-messaging-guest';

class Relay {
  filterRule = { publisherId: 'compute\\.', eventType: 'instance\\.', context: { user: '.' } };

  async info({ context, eventType, payload, ...about }) {
    const { priority, publisherId, redelivered } = about;
    const notifier = openNotifier('plugin.host-1', { topics: [payload.to], timeout: 10, retry: 3 });
    await notifier.warn(context, `heard.${eventType}`, { priority, publisherId, redelivered, payload });
  }

  /** Wants it again, once. */
  async error(notification) {
    return notification.redelivered ? this.info(notification) : 'requeue';
  }

  critical(notification) {
    if (!notification.redelivered) {
      throw new RangeError('not this time');
    }
    return this.info(notification);
  }

  /** Makes mistakes, none of which ends the plugin, and tells what they are said to be. */
  async audit({ context, payload: { to } }) {
    const notifier = openNotifier('plugin.host-1', { topics: [to] });
    const mistakes = [];
    for (const mistake of [
      () => notifier.notify('urgent', context, 'e', {}),
      () => notifier.info([], 'e', {}),
      () => notifier.info(context, 'half \ud83d', {}),
      () => notifier.info(context, 'e', { value: NaN }),
      () => notifier.info(context, 'e', new JsonText('{')),
      () => openNotifier('p', { topics: [''] }).info(context, 'e', {}),
    ]) {
      try {
        await mistake();
      } catch (error) {
        mistakes.push(error instanceof MessagingError ? error.argument.toLowerCase() : `${error}`);
      }
    }
    await notifier.sample(context, 'mistakes', mistakes);
  }
}

export const notificationEndpoint = new Relay();
