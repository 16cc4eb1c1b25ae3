// Leaves of a deployed app what it runs: its bundle, and the packages that are not in it. Usage: node keep_bundle.mjs FOLDER
import { existsSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LEFT_OUT } from '../scripts/left_out.mjs';

const [folder] = process.argv.slice(2);
const modules = realpathSync(join(folder, 'node_modules'));
const store = join(modules, '.pnpm');

/** Folders of the store that are needed: pnpm links each package's dependencies beside it. */
const needed = new Set();
for (const name of LEFT_OUT) if (existsSync(join(modules, name))) need(join(modules, name));

function need(path) {
  // .pnpm/NAME@VERSION/node_modules/NAME, or .../node_modules/@SCOPE/NAME
  const place = realpathSync(path);
  const beside = place.slice(0, place.lastIndexOf('node_modules') + 'node_modules'.length);
  if (needed.has(dirname(beside))) return;
  needed.add(dirname(beside));
  for (const name of packagesIn(beside)) need(join(beside, name));
}

function packagesIn(path) {
  return readdirSync(path)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(path, name)).map((each) => `${name}/${each}`) : name,
    );
}

for (const name of readdirSync(store))
  if (!needed.has(join(store, name))) rmSync(join(store, name), { recursive: true });
for (const name of readdirSync(modules))
  if (!name.startsWith('.') && !LEFT_OUT.includes(name)) rmSync(join(modules, name), { recursive: true });
for (const name of ['dist', 'src']) rmSync(join(folder, name), { recursive: true, force: true });
