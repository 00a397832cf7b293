/** Runs a script through the SDK; see the world `conformance` in `tests/wit`. */
import { InvalidArgument, MessagingError, openClient, remaining } from 'oslo-messaging-guest';

// Not of the package: a script may be nested so deep that the engine's parser would trap.
import { decode } from '../../javascript/src/message.js';
import { detail } from './detail.js';
import { merged, seconds } from './settings.js';

export function run(text) {
  try {
    const { open, steps = [] } = decode(text);
    return JSON.stringify(outcomes(open, steps));
  } catch (error) {
    return JSON.stringify([refuse(error.message)]);
  }
}

function outcomes({ transport, target = {}, settings = {} }, steps) {
  const clients = [];
  const opened = outcome(() => {
    clients.push(openClient(target, { transport, ...seconds(merged(settings)) }));
  });
  return clients.length === 0 ? [opened] : steps.map((step) => perform(step, clients));
}

function perform(step, clients) {
  const newest = clients.findLastIndex((client) => client !== null);
  const number = step.client ?? Math.max(newest, 0);
  const client = clients[number];
  if (!client) {
    const why = client === null ? `client ${number} was dropped` : `there is no client ${number}`;
    return refuse(why);
  }
  const operation = OPERATIONS[step.op];
  if (operation === undefined) {
    return refuse(`there is no operation \`${step.op}\` in this world`);
  }
  return outcome(() => operation(client, step, clients, number));
}

const OPERATIONS = {
  call: (client, step) => send(client, step, 'call'),
  cast: (client, step) => send(client, step, 'cast'),
  'can-send-version': (client, { version = null }) => client.canSendVersion(version),
  remaining: () => (remaining() === null ? null : Math.round(remaining() * 1e9)),

  prepare(client, { settings = {} }, clients) {
    clients.push(client.prepare(seconds(merged(settings))));
  },

  drop(client, _, clients, number) {
    client[Symbol.dispose]();
    clients[number] = null;
  },

  'call-all'(client, { requests }) {
    const prepared = requests.map(({ settings = {}, ...message }) => ({
      ...message,
      settings: seconds(merged(settings)),
    }));
    const raw = prepared.some(isText);
    const results = raw
      ? client.callAllText(prepared.map((it) => ({ ...it, ...texts(it) })))
      : client.callAll(prepared);
    return results.map(({ status, value, reason }) => (
      status === 'fulfilled' ? { ok: raw ? JSON.parse(value) : value } : failure(reason)
    ));
  },
};

function send(client, step, verb) {
  const { method, context, args, settings } = step;
  const sender = settings === undefined ? client : client.prepare(seconds(merged(settings)));
  if (!isText(step)) {
    return sender[verb](context, method, args);
  }
  const given = texts(step);
  const reply = sender[`${verb}Text`](given.context, method, given.args);
  return reply === undefined ? null : JSON.parse(reply);
}

function isText(message) {
  return 'context-text' in message || 'args-text' in message;
}

function texts({ context = {}, args = {}, ...message }) {
  return {
    context: message['context-text'] ?? JSON.stringify(context),
    args: message['args-text'] ?? JSON.stringify(args),
  };
}

function outcome(action) {
  try {
    return { ok: action() ?? null };
  } catch (error) {
    return failure(error);
  }
}

function failure(error) {
  if (error instanceof InvalidArgument && error.message.startsWith('there is no setting')) {
    return refuse(error.message);
  }
  return error instanceof MessagingError ? { error: detail(error) } : refuse(error.message);
}

function refuse(message) {
  return { error: { case: 'script', message } };
}
