import { JsonText } from 'oslo-messaging-guest';

/**
 * Settings of a script as the SDK names and counts them: camelCase, and seconds. Where one is given
 * twice, the last one counts.
 */
export function settingsOf(settings = {}) {
  const merged = Object.assign({}, ...[settings].flat());
  return Object.fromEntries(Object.entries(merged).map(([name, value]) => [
    name.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase()),
    DURATIONS.has(name) && typeof value === 'number' ? value / 1e9 : value,
  ]));
}

/** The context, method and arguments of a message. */
export function messageOf(step) {
  return [contentOf(step, 'context'), step.method, contentOf(step, 'args')];
}

/** A context or arguments, which may be a text. */
export function contentOf(step, name) {
  const text = step[`${name}-text`];
  return text === undefined ? step[name] : new JsonText(text);
}

const DURATIONS = new Set(['timeout', 'call-monitor-timeout']);
