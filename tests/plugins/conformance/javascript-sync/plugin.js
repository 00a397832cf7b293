/** Runs a script with what waits in the SDK; see the world `conformance` in `tests/wit`. */

// Not of the package: a script may be nested so deep that the engine's parser would trap.
import { decode } from '../../../../guest/javascript/src/decode.js';
import { Clients, QUESTIONS } from '../script/javascript/clients.js';
import { failure, outcome, print, refuse } from '../script/javascript/outcome.js';
import { messageOf, settingsOf } from '../script/javascript/settings.js';

export function run(text) {
  let script;
  try {
    script = decode(text);
  } catch (error) {
    return print([refuse(error.message)]);
  }
  try {
    using clients = new Clients(script.open);
    return print((script.steps ?? []).map((step) => perform(step, clients)));
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
      return clients.callAll(step);
    default:
      return ask(step, clients);
  }
}

function ask(step, clients) {
  const operation = Object.hasOwn(OPERATIONS, step.op) ? OPERATIONS[step.op] : null;
  if (operation === null) {
    return refuse(`there is no operation \`${step.op}\` in this world`);
  }
  return clients.with(step, (client) => outcome(() => operation(client, step)));
}

const OPERATIONS = {
  ...QUESTIONS,
  call: (client, step) => client.callSync(...messageOf(step), settingsOf(step.settings)),
  cast: (client, step) => client.castSync(...messageOf(step), settingsOf(step.settings)),
};
