/**
 * A tour of what a client can do, for whoever reads its output: one line a step. It talks to the
 * demo endpoints; its arguments are the topic and the transport.
 */
import { openClient } from 'oslo-messaging-guest';

import { Report } from './report.js';
import { addressing, atOnce, errors, messages } from './steps.js';

export async function main([topic = 'demo', transport = 'default']) {
  const report = new Report();
  report.note('target', `<Target topic=${topic}, version=1.5> on the transport \`${transport}\``);
  try {
    const client = openClient({ topic, version: '1.5' }, { transport });
    await messages(client, report);
    await addressing(client, report);
    await errors(client, report);
    await atOnce(client, report);
  } catch (error) {
    report.failed('open', 'a client of the transport', error.message);
  }
  return report.finish();
}
