// Puts an app with all that it imports into few files, which start several times as fast: bin/main.js, with what is loaded
// later, the files that its threads begin with, the scripts of Redis, and the licences of what others wrote.
// Usage: node scripts/bundle.mjs [APP...]; those that are newer than all that is in them are left as they are
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LEFT_OUT } from './left_out.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Modules that are put together with all that they import: a start that reads twenty files takes longer than one that reads two. */
const AT_ONCE = [
  ['run_cli', /\/packages\/runtime\/dist\/run_cli\.js$/],
  ['convert', /\/standalone\/dist\/commands\/convert\.js$/],
];

const given = process.argv.slice(2);
const apps = given.length > 0 ? given : ['admin-cli', 'mcp-api', 'standalone', 'worker'];
await Promise.all(apps.filter(isOld).map(bundle));

function isOld(app) {
  const main = join(root, 'apps', app, 'bin/main.js');
  if (!existsSync(main)) return true;
  const made = statSync(main).mtimeMs;
  const packages = readdirSync(join(root, 'packages')).map((name) => join('packages', name));
  const parts = [join('apps', app), ...packages].flatMap((folder) =>
    ['dist', 'src'].flatMap((kind) => filesIn(join(folder, kind))),
  );
  return ['pnpm-lock.yaml', 'scripts/bundle.mjs', 'scripts/left_out.mjs', ...parts].some(
    (path) => statSync(join(root, path)).mtimeMs > made,
  );
}

/** What a bundle is made of, in a folder. */
function filesIn(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((path) => (folder.endsWith('dist') ? path.endsWith('.js') : path.endsWith('.lua')))
    .map((path) => join(folder, path));
}

async function bundle(app) {
  const folder = join(root, 'apps', app);
  const dir = join(folder, 'bin');
  const { rolldown } = await import('rolldown');
  const bundled = await rolldown({
    input: { main: join(folder, 'dist/main.js') },
    platform: 'node',
    external: LEFT_OUT,
    logLevel: 'warn',
    plugins: [{ name: 'files-beside', transform: withFilesBeside, generateBundle: addLicences }],
  });
  const { output } = await bundled.write({
    dir,
    format: 'esm',
    chunkFileNames: '[name]-[hash].js',
    comments: { legal: true, annotation: true, jsdoc: false },
    codeSplitting: { groups: AT_ONCE.map(([name, test]) => ({ name, test })) },
  });
  await bundled.close();
  const written = new Set(output.map(({ fileName }) => fileName));
  for (const path of readdirSync(dir, { recursive: true }))
    if (path.endsWith('.js') && !written.has(path)) rmSync(join(dir, path));
}

/** What code finds beside itself is put beside the bundle. */
function withFilesBeside(code, id) {
  if (!id.includes('/packages/')) return undefined;
  const placed = code
    .replaceAll(/createRequire\(import\.meta\.url\)\.resolve\('(@nmcp\/[^']+)'\)/g, (_, name) => {
      const fileName = `${name.replace('@nmcp/', '').replaceAll('/', '_')}.js`;
      this.emitFile({ type: 'chunk', id: createRequire(id).resolve(name), fileName });
      return `new URL('./${fileName}', import.meta.url).href`;
    })
    .replaceAll(/new URL\(`([^`$]+)\$\{name\}\.lua`/g, (_, path) => {
      for (const name of readdirSync(join(dirname(id), path)))
        this.emitFile({
          type: 'asset',
          fileName: `scripts/${name}`,
          source: readFileSync(join(dirname(id), path, name)),
        });
      return `new URL(\`./scripts/\${name}.lua\``;
    });
  if (/\.resolve\(['"`]@nmcp\/|new URL\(['"`]\.\.\//.test(placed))
    throw new Error(`${id} finds a file in a way that the bundle does not know`);
  return placed === code ? undefined : placed;
}

/** The licence of each package of others that is in the bundle. */
function addLicences(_, output) {
  const modules = Object.values(output).flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
  const folders = new Set(modules.map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0]));
  folders.delete(undefined);
  const texts = [...folders].map((folder) => {
    const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((each) => /^(?:licen[cs]e|copying)/i.test(each));
    const text = file
      ? readFileSync(join(folder, file), 'utf8')
      : `${license}, ${author?.name ?? author ?? ''}`;
    return { name, text: `${name} ${version} (${license})\n\n${text.trim()}\n` };
  });
  texts.sort((a, b) => (a.name < b.name ? -1 : 1));
  const source = texts.map(({ text }) => text).join(`\n${'-'.repeat(80)}\n\n`);
  this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source });
}
