import { JsonText, MessagingError, openClient, openNotifier } from 'oslo-messaging-guest';

/** What the SDK says to mistakes, with the name of the thing in it. */
export async function misuse() {
  const client = openClient({ topic: 'demo', version: '1.5' });
  const loop = {};
  loop.self = loop;
  const mistakes = {
    'a misspelt setting': () => client.prepare({ timeuot: 5 }),
    'a misspelt option': () => openClient({ topic: 'demo' }, { version_cap: '1.0' }),
    'a misspelt field': () => openClient({ topik: 'demo' }),
    'a target that is a string': () => openClient('demo'),
    'a timeout that is a string': () => client.prepare({ timeout: '5' }),
    'a version that is a number': () => client.prepare({ version: 2.5 }),
    'not a version': () => client.prepare({ versionCap: 'new' }),
    'a transport that is not granted': () => openClient({ topic: 'demo' }, { transport: 'mine' }),
    'arguments in a list': () => client.call({}, 'echo', ['hello']),
    'not a number': () => client.call({}, 'echo', { value: [1, Number.NaN] }),
    'a function': () => client.call({ user: () => 'me' }, 'echo', { value: 1 }),
    'a cycle': () => client.call({}, 'echo', loop),
    'a promise': () => client.call({}, 'echo', { value: client.call({}, 'echo', { value: 1 }) }),
    'an expression': () => client.call({}, 'echo', { value: [/x/] }),
    'bytes': () => client.call({}, 'echo', { value: new Uint8Array(2) }),
    'JSON cut off': () => client.call({}, 'echo', new JsonText('{"value": ')),
    'half a character': () => client.call({}, 'echo\ud800'),
    'no method': () => client.call({}, undefined),
    'no signal': () => client.call({}, 'echo', { value: 1 }, { signal: 5 }),
    'half a signal': () => client.call({}, 'echo', { value: 1 }, { signal: { throwIfAborted() {} } }),
    'no date': () => client.call({}, 'echo', { value: [new Date(NaN)] }),
    'other digits': () => client.call({}, 'echo', { value: 2 ** 60 }),
    'no requests': () => client.callAllSync(5),
    'disposed of': () => disposed(openClient({ topic: 'demo' })).call({}, 'echo', { value: 1 }),
    'disposed of, in a setting': () => disposed(openClient({ topic: 'demo' })).timeout,
    'disposed of, notified': () => disposed(openNotifier()).info({}, 'e', {}),
    'a wrong request': () => client.callAllSync([{ method: 'echo', settings: { retry: -1 } }]),
  };
  for (const [name, mistake] of Object.entries(mistakes)) {
    try {
      await mistake();
      console.log(`${name}: no error`);
    } catch (error) {
      const kind = error instanceof MessagingError ? error.name : `not ours, ${error.name}`;
      console.log(`${name}: ${kind}: ${error.message}`);
    }
  }
}

/**
 * What is given back to the host, twice, before it is used.
 * @template {{ [Symbol.dispose](): void }} T
 * @param {T} one
 */
function disposed(one) {
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  return one;
}
