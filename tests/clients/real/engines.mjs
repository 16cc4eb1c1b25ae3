// The folder engines/, where the packages of MCP clients are installed when they are needed first: they bring 300 others.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const engines = fileURLToPath(new URL('../engines/', import.meta.url));
const require = createRequire(join(engines, 'package.json'));

/** Installs them, or ends the process with npm's words. */
export function install() {
  if (existsSync(join(engines, 'node_modules/mcp-remote'))) return;
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: engines,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(1);
}

/** A module of engines/, by the way that it offers to `import`. */
export async function load(name) {
  const [scope, second] = name.split('/');
  const folder = join(engines, 'node_modules', name.startsWith('@') ? `${scope}/${second}` : scope);
  const { exports } = require(join(folder, 'package.json'));
  const path = `.${name.slice(name.startsWith('@') ? `${scope}/${second}`.length : scope.length)}`;
  const entry = exports[path] ?? exports[`${dirname(path)}/*`].replace?.('*', path.split('/').at(-1));
  let file = entry;
  while (typeof file === 'object') file = file.import ?? file.default;
  return await import(pathToFileURL(join(folder, file)));
}

/** Version of a package in engines/. */
export const versionOf = (name) => require(join(engines, 'node_modules', name, 'package.json')).version;
