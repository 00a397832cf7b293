/** Settings of a script in one object; where one is given twice, the last one counts. */
export function merged(settings) {
  return Object.assign({}, ...[settings].flat());
}

/** Settings as the SDK names and counts them: camelCase, and seconds. */
export function seconds(settings) {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [
    name.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase()),
    DURATIONS.has(name) && typeof value === 'number' ? value / 1e9 : value,
  ]));
}

const DURATIONS = new Set(['timeout', 'call-monitor-timeout']);
