/** What an author writes, and what the types refuse: each `@ts-expect-error` must be an error. */
import {
  type Client, type Endpoint, Exception, expectedExceptions, type JsonObject, JsonText, MessagingTimeout, type NotificationEndpoint, NoSuchTarget, openClient,
  openNotifier, type Outcome, outcomeOf, RemoteError, type ServedRequest, takes,
} from 'oslo-messaging-guest';
import { after, grantTransport, handleWith, serveEndpoints } from 'oslo-messaging-guest/testing';
import clock from 'wasi:clocks/wall-clock@0.2.12';

const client: Client = openClient({ topic: 't', server: null }, { timeout: 5, transport: 'mine' });
const quick = client.prepare({ timeout: null, mandatory: true });

export async function right(): Promise<void> {
  const free: number = await quick.call<number>({}, 'free', { unit: 'MiB', big: 2n ** 70n });
  const checked = await quick.call({}, 'free', undefined, { reply: (it) => Number(it), timeout: 1 });
  const exact: number = checked + free;
  const text: string = await quick.callText(undefined, 'free', new JsonText('{}'));
  await quick.cast({ user: undefined, at: new Date() }, text, {}, { signal: AbortSignal.timeout(5) });
  const all = await Promise.all([quick.call<string>({}, 'a'), quick.call<bigint>({}, 'b')]);
  const [first, second]: [string, bigint] = all;
  for (const end of quick.callAllSync<number>([{ method: 'm', settings: { server: 's' } }])) {
    console.log(end.status === 'fulfilled' ? end.value + exact : end.reason.outcome, first, second);
  }
  const error: unknown = new NoSuchTarget({ exchange: 'e', routingKey: 'k', message: 'm' });
  const outcome: Outcome | null = outcomeOf(error);
  if (error instanceof RemoteError) {
    console.log(error.typeName, error.typeModule, error.args[0], error.kwargs['a'], outcome);
  }
  grantTransport({ free: after(1, ({ unit }) => unit) }, { timeout: 2 }).sent.length = 0;
  console.log(clock.now().seconds);
  const topic: string | null = client.target.topic;
  setTimeout(() => console.log(topic, performance.now(), crypto.randomUUID()), 1);
}

class Served {
  readonly target = { version: '1.5', legacyNamespaces: [null, 'old'] };

  readonly add = takes('a', 'b')((_, { a, b }) => a + b);
  readonly half = takes((args: unknown) => Number(args))((_, n) => n / 2);

  @takes('id', 'unit?')
  @expectedExceptions(Exception)
  async find(context: { user: string }, { id }: { id: number }, request: ServedRequest): Promise<string> {
    if (id === 0) {
      throw new Exception({ typeName: 'KeyError', message: context.user, args: [id, request.servedBy.server] });
    }
    return request.argsText;
  }
}
export const endpoints = [new Served()];

class Plain {
  #greeted = 0;

  hello(): string {
    this.#greeted += 1;
    return `hello ${this.#greeted}`;
  }
}
const literal: Endpoint = { hello() {} };
const mixed: Endpoint = { target: { namespace: 'ns', version: null }, hello: takes('who')((_, { who }) => who) };
export const allEndpoints: readonly Endpoint[] = [new Plain(), literal, mixed, ...endpoints];

export const notificationEndpoint: NotificationEndpoint = {
  filterRule: { eventType: 'x', payload: { id: '7' } },
  async info({ payload, timestamp }) {
    const notifier = openNotifier('me', { topics: ['t'], timeout: null });
    await notifier.warn({ at: timestamp }, 'heard', payload);
  },
  error: () => 'requeue',
};

export async function served(): Promise<void> {
  const sum: number = await serveEndpoints(endpoints).call('add', { a: 1, b: 2 }, { version: '1.0' });
  const end: 'handled' | 'filtered' | 'requeue' = await handleWith(notificationEndpoint).notify('info', 'x', sum);
  console.log(end);
}

export async function wrong(): Promise<void> {
  // @ts-expect-error: it takes the fields of the contract.
  new NoSuchTarget('x');
  // @ts-expect-error: fields are missing.
  new MessagingTimeout({ message: 'x' });
  // @ts-expect-error: arguments have names.
  await client.call({}, 'm', [1]);
  // @ts-expect-error: not JSON.
  await client.call({}, 'm', { value: () => 1 });
  // @ts-expect-error: not JSON.
  await client.call({}, 'm', { value: Promise.resolve(1) });
  // @ts-expect-error: not JSON.
  await client.call({}, 'm', { value: new Map([[1, 2]]) });
  // @ts-expect-error: not an object.
  const context: JsonObject = [1];
  // @ts-expect-error: the reply is a promise.
  const reply: number = client.call<number>(context, 'm');
  // @ts-expect-error: without a claim nothing is known of it.
  const claimed: number = await client.call({}, 'm');
  // @ts-expect-error: no such setting.
  client.prepare({ timeuot: 1 });
  // @ts-expect-error: seconds are a number.
  client.prepare({ timeout: '1' });
  // @ts-expect-error: what waits cannot be cancelled.
  client.callSync({}, 'm', {}, { signal: new AbortController().signal });
  // @ts-expect-error: no such priority.
  await openNotifier('p').notify('warned', {}, 'e');
  // @ts-expect-error: not JSON.
  await openNotifier('p').info({}, 'e', () => 1);
  // @ts-expect-error: a class has a name.
  new Exception({ message: 'x' });
  // @ts-expect-error: an endpoint is an object.
  const noObject: Endpoint = 'hello';
  // @ts-expect-error: a target has no such member.
  const noTarget: Endpoint = { target: { versoin: '1.0' }, hello() {} };
  console.log(noObject, noTarget);
  // @ts-expect-error: what a notification's method returns.
  const bad: NotificationEndpoint = { info: () => true };
  console.log(bad);
  // @ts-expect-error: getters are read.
  client.timeout = reply + claimed;
}
