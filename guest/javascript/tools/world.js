import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Writes the world of a plugin that imports and exports these interfaces, and returns its folder. A
 * plugin with a world of its own has all of that as well.
 *
 * The toolchain's engine imports much of WASI that no plugin needs, and the switch that cuts this
 * off cuts off every package `wasi`. What a plugin does use is therefore called `host` until the
 * component is made; the builder then gives it its name back.
 */
export function pluginWorld({ wit, world, scratch, imports, exports }) {
  const folder = path.join(scratch, 'wit');
  rmSync(folder, { recursive: true, force: true });
  copy(path.join(wit, 'deps'), path.join(folder, 'deps'));
  const lines = imports.map((name) => `import ${name};`);
  lines.push(...exports.map((name) => `export ${name};`));
  if (world !== 'command') {
    const [name, version] = copy(wit, path.join(folder, 'deps/own-world'), ['deps']);
    lines.push(`include ${name}/${world}${version};`);
  }
  const text = lines.map((line) => `    ${line}\n`).join('');
  writeFileSync(
    path.join(folder, 'plugin.wit'),
    `package oslo:javascript;\n\nworld plugin {\n${text}}\n`,
  );
  return folder;
}

/** Copies a folder with the other name, and returns the name and version of its package. */
function copy(from, to, except = []) {
  mkdirSync(to, { recursive: true });
  let name = null;
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (except.includes(entry.name)) {
      continue;
    }
    if (entry.isDirectory()) {
      copy(source, target);
    } else if (entry.name.endsWith('.wit')) {
      const text = readFileSync(source, 'utf8').replaceAll(/\bwasi:/g, 'host:');
      writeFileSync(target, text);
      name ??= /^package\s+([\w:-]+)(@[^;\s]+)?\s*;/m.exec(text);
    }
  }
  return name === null ? [null, ''] : [name[1], name[2] ?? ''];
}
