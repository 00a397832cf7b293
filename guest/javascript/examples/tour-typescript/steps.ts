import {
  type Client, InvalidReply, type MessagingError, MessagingTimeout, NoSuchTarget, type Outcome,
  RemoteError, RpcVersionCapError,
} from 'oslo-messaging-guest';

import type { Report } from './report.ts';

const SERVERS = ['one', 'two', 'three'];

/** Call, context, cast. */
export async function messages(client: Client, report: Report): Promise<void> {
  const context = { user: 'tourist' };
  await report.step('call', 'echo(value="hello")', async () => (
    JSON.stringify(await client.call(context, 'echo', { value: 'hello' }))
  ));
  await report.step('call', 'add(a=2, b=3)', () => client.call<number>(context, 'add', { a: 2, b: 3 }));
  await report.step('cast', 'remember(word=...)', async () => {
    await client.cast(context, 'remember', { word: unique('cast') });
    return 'the broker has it; one server will run it, nobody reports back';
  });
}

/** To every server, to one server, to a namespace. */
export async function addressing(client: Client, report: Report): Promise<void> {
  await report.step('one server', 'whoami() sent to server `two`', async () => {
    const name = await client.prepare({ server: 'two' }).call<string>({}, 'whoami');
    if (name !== 'two') {
      throw new Error(`${name} answered`);
    }
    return name;
  });

  await report.step('fan-out cast', 'remember(word=...) sent to every server', async () => {
    const word = unique('fanout');
    await client.prepare({ fanout: true }).cast({}, 'remember', { word });
    return heardByAll(client, word);
  });

  const tried = 'status() of namespace `admin`, version 2.0';
  await report.step('namespace', tried, async () => (
    JSON.stringify(await client.prepare({ namespace: 'admin', version: '2.0' }).call({}, 'status'))
  ));
}

/** What goes wrong, and how it is told apart. */
export async function errors(client: Client, report: Report): Promise<void> {
  const raised = (error: RemoteError) => `the server raised ${error}`;
  await report.refused(
    'remote error', 'divide(a=1, b=0)', RemoteError,
    () => client.call<number>({}, 'divide', { a: 1, b: 0 }), raised,
  );
  await report.refused(
    'unknown method', 'no_such_method()', RemoteError,
    () => client.call({}, 'no_such_method'), raised,
  );
  await report.refused(
    'version cap', 'echo() of version 2.0 under the cap 1.5', RpcVersionCapError,
    () => client.prepare({ versionCap: '1.5', version: '2.0' }).call({}, 'echo', { value: 1 }),
    refusal,
  );
  const start = performance.now();
  await report.refused(
    'timeout', 'sleep(seconds=1.5) with a timeout of 300 ms', MessagingTimeout,
    () => client.prepare({ timeout: 0.3 }).call({}, 'sleep', { seconds: 1.5 }),
    (error) => `gave up after ${elapsed(start)} ms; ${fate(error)}`,
  );
  await report.refused(
    'no such target', 'whoami() sent to server `nobody`', NoSuchTarget,
    () => client.prepare({ server: 'nobody' }).call({}, 'whoami'), refusal,
  );
  await report.refused(
    'wrong type', 'echo(value="hello") wanted as a number', InvalidReply,
    () => client.call({}, 'echo', { value: 'hello' }, { reply: number }),
    (error) => error.message,
  );
}

/** Several calls at the same time. */
export async function atOnce(client: Client, report: Report): Promise<void> {
  await report.step('calls at once', '10 times sleep(seconds=0.2)', async () => {
    const start = performance.now();
    const sleep = () => client.call({}, 'sleep', { seconds: 0.2 });
    const results = await Promise.all(Array.from({ length: 10 }, sleep));
    return `${results.length} results after ${elapsed(start)} ms`;
  });
}

/** Casts are not answered, so each server is asked until it knows the word. */
async function heardByAll(client: Client, word: string): Promise<string> {
  for (const server of SERVERS) {
    const one = client.prepare({ server });
    let tries = 0;
    while (!(await one.call<string[]>({}, 'recall')).includes(word)) {
      tries += 1;
      if (tries === 40) {
        throw new Error(`server \`${server}\` never got it`);
      }
      await one.call({}, 'sleep', { seconds: 0.05 });
    }
  }
  return `${SERVERS.join(', ')} remember it`;
}

function number(reply: unknown): number {
  if (typeof reply !== 'number') {
    throw new TypeError(`${JSON.stringify(reply)} is no number`);
  }
  return reply;
}

function refusal(error: MessagingError): string {
  return `${error.message}; ${fate(error)}`;
}

function fate(error: MessagingError): string {
  return FATES[error.outcome];
}

function elapsed(start: number): number {
  return Math.floor(performance.now() - start);
}

/** A word that no earlier tour of the same servers has used. */
function unique(prefix: string): string {
  return `${prefix}-${Math.random().toString(16).slice(2)}`;
}

const FATES: Record<Outcome, string> = {
  executed: 'it was executed',
  unknown: 'it may have been executed',
  'not-executed': 'nothing was executed',
};
