import { existsSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

/**
 * The folder of the SDK: the one that the plugin has installed, as its editor and its tests see it,
 * or else the builder's own. Another version than the builder's is refused, because the host of one
 * version is not that of another.
 */
export function sdkOf(source, ours) {
  for (let folder = path.resolve(source); ; folder = path.dirname(folder)) {
    const installed = path.join(folder, 'node_modules', NAME);
    if (existsSync(path.join(installed, 'package.json'))) {
      const [its, own] = [version(installed), version(ours)];
      if (its !== own) {
        process.stderr.write(
          `${installed} is ${NAME} ${its}, and this builder is for ${own}: install that version\n`,
        );
        process.exit(1);
      }
      return realpathSync(installed);
    }
    if (path.dirname(folder) === folder) {
      return ours;
    }
  }
}

function version(folder) {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).version;
}

const NAME = 'oslo-messaging-guest';
