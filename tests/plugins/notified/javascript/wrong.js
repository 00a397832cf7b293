import { openNotifier } from 'oslo-messaging-guest';

/** Does what is wrong; the promise is rejected with what is said of it. */
export async function wrong(kind) {
  const notifier = openNotifier('nobody');
  const nested = JSON.parse(`${'['.repeat(1001)}${']'.repeat(1001)}`);
  await {
    payload: () => notifier.info({}, 'e', { value: new Map() }),
    promise: () => notifier.info({}, 'e', { value: Promise.resolve(1) }),
    nan: () => notifier.info({}, 'e', { x: [NaN] }),
    depth: () => notifier.info({}, 'e', nested),
    context: () => notifier.info([], 'e', {}),
    surrogate: () => notifier.info({}, '\ud83d', {}),
    priority: () => notifier.notify('urgent', {}, 'e', {}),
    topics: () => openNotifier('nobody', { topics: [] }),
  }[kind]();
}
