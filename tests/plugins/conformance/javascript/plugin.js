/** Runs a script with the promises of the SDK; see the world `conformance-poll` in `tests/wit`. */

// Not of the package: a script may be nested so deep that the engine's parser would trap.
import { decode } from '../../../../guest/javascript/src/decode.js';
import { Clients, QUESTIONS } from '../script/javascript/clients.js';
import { failure, outcome, print, refuse, settled } from '../script/javascript/outcome.js';
import { messageOf, settingsOf } from '../script/javascript/settings.js';

export async function run(text) {
  let script;
  try {
    script = decode(text);
  } catch (error) {
    return print([refuse(error.message)]);
  }
  try {
    using clients = new Clients(script.open);
    const outcomes = [];
    for (const step of script.steps ?? []) {
      outcomes.push(await perform(step, clients));
    }
    return print(outcomes);
  } catch (error) {
    return print([failure(error)]);
  }
}

function perform(step, clients) {
  switch (step.op) {
    case 'prepare':
      return clients.prepare(step);
    case 'drop':
      return clients.drop(step);
    case 'call-all':
      // The plain functions have this, and a plugin may use both.
      return clients.callAll(step);
    case 'concurrently':
      return concurrently(step.steps, clients);
    case 'cancel':
      return clients.with(step.step, (client) => cancel(client, step.step));
    default:
      return clients.with(step, (client) => ask(client, step));
  }
}

async function ask(client, step) {
  if (step.op === 'call' || step.op === 'cast') {
    const [result] = await Promise.allSettled([send(client, step)]);
    return settled(result);
  }
  const question = QUESTIONS[step.op];
  if (question === undefined) {
    return refuse(`there is no operation \`${step.op}\` in this world`);
  }
  return outcome(() => question(client, step));
}

function send(client, step, signal) {
  return client[step.op](...messageOf(step), { ...settingsOf(step.settings), signal });
}

async function concurrently(steps, clients) {
  return { ok: await Promise.all(steps.map((step) => clients.with(step, (client) => ask(client, step)))) };
}

/** Started and cancelled at once: what is wrong with the message is known before. */
async function cancel(client, step) {
  const controller = new AbortController();
  const why = new Error('cancelled');
  const started = send(client, step, controller.signal);
  controller.abort(why);
  try {
    await started;
  } catch (error) {
    return error === why ? { ok: null } : failure(error);
  }
  return refuse('it ended before it was cancelled');
}
