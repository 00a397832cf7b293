import { limits, openClient, remaining, transports } from 'oslo-messaging-guest';

import { outcome, refuse, settled } from './outcome.js';
import { contentOf, settingsOf } from './settings.js';

/** The clients of a script, by their numbers. */
export class Clients {
  #all;

  constructor({ transport, target = {}, settings }) {
    this.#all = [openClient(target, { transport, ...settingsOf(settings) })];
  }

  /** Does something with the client of a step, or says why there is none. */
  with(step, action) {
    const newest = this.#all.findLastIndex((client) => client !== null);
    const number = step.client ?? Math.max(newest, 0);
    const client = this.#all[number];
    if (client) {
      return action(client, number);
    }
    return refuse(client === null ? `client ${number} was dropped` : `there is no client ${number}`);
  }

  /** Many calls at once, each with the client that it names. */
  callAll(step) {
    return this.with(step, (client) => outcome(() => client.callAllSync(
      step.requests.map((request) => ({
        method: request.method,
        context: contentOf(request, 'context'),
        args: contentOf(request, 'args'),
        settings: settingsOf(request.settings),
        client: request.client === undefined ? client : this.#all[request.client],
      })),
    ).map(settled)));
  }

  prepare(step) {
    return this.with(step, (client) => outcome(() => {
      this.#all.push(client.prepare(settingsOf(step.settings)));
    }));
  }

  drop(step) {
    return this.with(step, (client, number) => outcome(() => {
      client[Symbol.dispose]();
      this.#all[number] = null;
    }));
  }

  /** Gives all of them back to the host. */
  [Symbol.dispose]() {
    this.#all.forEach((client) => client?.[Symbol.dispose]());
  }
}

/** What is asked of a client, or of the host. */
export const QUESTIONS = {
  'can-send-version': (client, { version = null }) => client.canSendVersion(version),
  describe: ({
    transport, target, timeout, versionCap, retry, callMonitorTimeout, mandatory, replyBytes,
  }) => ({
    transport,
    target,
    timeout: nanoseconds(timeout),
    'version-cap': versionCap,
    retry,
    'call-monitor-timeout': nanoseconds(callMonitorTimeout),
    mandatory,
    'reply-bytes': replyBytes,
  }),
  limits: () => Object.fromEntries(Object.entries(limits()).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), value,
  ])),
  remaining: () => nanoseconds(remaining()),
  transports: () => transports(),
};

function nanoseconds(length) {
  return length === null ? null : Math.round(length * 1e9);
}
