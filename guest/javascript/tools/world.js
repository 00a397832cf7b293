import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Writes the world of a command that imports these interfaces, and returns its folder.
 *
 * The toolchain's engine imports much of WASI that no plugin needs, and the switch that cuts this
 * off cuts off every package `wasi`. What a plugin does use is therefore called `host` until the
 * component is made; the builder then gives it its name back.
 */
export function commandWorld(wit, scratch, imports) {
  const folder = path.join(scratch, 'wit');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, 'deps'), { recursive: true });
  for (const entry of readdirSync(path.join(wit, 'deps'))) {
    const from = path.join(wit, 'deps', entry);
    const to = path.join(folder, 'deps', entry);
    if (entry.endsWith('.wit')) {
      writeFileSync(to, readFileSync(from, 'utf8').replaceAll('wasi:', 'host:'));
    } else {
      cpSync(from, to, { recursive: true });
    }
  }
  const lines = imports.map((name) => `    import ${name};\n`).join('');
  writeFileSync(
    path.join(folder, 'plugin.wit'),
    `package oslo:javascript;\n\nworld plugin {\n${lines}    export host:cli/run@0.2.12;\n}\n`,
  );
  return folder;
}
