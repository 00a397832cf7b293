import { SourceMap } from 'node:module';
import path from 'node:path';

/**
 * A line of code that tells `src/lines.js` which line of the bundle comes from where: lines that follow one
 * another in the same file are one entry.
 */
export function linesOf({ text, map, folder, sdk }) {
  const known = new SourceMap(JSON.parse(map));
  const sources = [];
  const runs = [];
  text.split('\n').forEach((line, index) => {
    const { generatedLine, originalSource, originalLine } = known.findEntry(index, line.search(/\S|$/));
    const isThere = generatedLine === index && originalSource !== undefined;
    const name = isThere ? shown(path.resolve(folder, originalSource), folder, sdk) : null;
    if (name !== null && !sources.includes(name)) {
      sources.push(name);
    }
    const here = [index + 1, name === null ? -1 : sources.indexOf(name), isThere ? originalLine + 1 : 0];
    const last = runs.at(-1);
    const goesOn = last !== undefined && last[1] === here[1]
      && (last[1] < 0 || last[2] - last[0] === here[2] - here[0]);
    if (!goesOn) {
      runs.push(here);
    }
  });
  const lines = JSON.stringify(JSON.stringify({ sources, runs }));
  return `globalThis[Symbol.for('oslo-messaging-guest.lines')] = ${lines};\n`;
}

/** A file as the plugin's author knows it; null for what the bundler was only told. */
function shown(file, folder, sdk) {
  if (path.basename(file).startsWith('<')) {
    return null;
  }
  const inSdk = path.relative(sdk, file);
  return inSdk.startsWith('..') ? path.relative(folder, file) : path.join('oslo-messaging-guest', inSdk);
}
