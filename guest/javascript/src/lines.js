/** Where an error comes from, in the files of the plugin's author instead of the bundle. */

/** What the build has left at the end of the bundle, where it moves no line. */
const LINES = Symbol.for('oslo-messaging-guest.lines');

/**
 * A stack in which each place of the bundle is one of the file that it was made from. What the bundler
 * has added comes from no file, and is left out.
 * @param {string} stack
 */
export function placed(stack) {
  const told = /** @type {any} */ (globalThis)[LINES];
  if (told === undefined || !stack.includes(BUNDLE)) {
    return stack;
  }
  // As text it takes the least room in an instance that has no error.
  const known = JSON.parse(told);
  return stack.split('\n').flatMap((line) => {
    const at = line.indexOf(BUNDLE);
    const number = at < 0 ? null : NUMBER.exec(line.slice(at + BUNDLE.length));
    if (number === null) {
      return [line];
    }
    const place = placeOf(known, Number(number[1]));
    const rest = line.slice(at + BUNDLE.length + number[0].length);
    return place === null ? [] : [line.slice(0, startOf(line, at)) + place + rest];
  }).join('\n');
}

const BUNDLE = '/bundle.js:';
const NUMBER = /^(\d+)(?::\d+)?/;

/**
 * Where a path begins that goes on at a place: step by step, because a line may be what somebody else wrote and as
 * long as that.
 * @param {string} line
 * @param {number} at
 */
function startOf(line, at) {
  let start = at;
  while (start > 0 && !' \t()'.includes(line[start - 1])) {
    start -= 1;
  }
  return start;
}

/**
 * @param {{ sources: string[], runs: [from: number, source: number, line: number][] }} known each run has
 *   the first of lines that follow one another in one file, and -1 as the source where there is none
 * @param {number} line
 */
function placeOf({ sources, runs }, line) {
  const run = runs.findLast(([from]) => from <= line);
  if (run === undefined || run[1] < 0) {
    return null;
  }
  return `${sources[run[1]]}:${run[2] + line - run[0]}`;
}

/**
 * An error that came from the host is one of whoever asked for it, and not of the loop that took it.
 * @template {Error} E
 * @param {E} error
 * @param {Error} asked
 * @returns {E}
 */
export function from(asked, error) {
  const stack = asked.stack;
  if (typeof stack === 'string') {
    // Some engines have the error itself in the first line.
    error.stack = stack.replace(/^Error(?=\n)/, () => `${error.name}: ${error.message}`);
  }
  return error;
}
