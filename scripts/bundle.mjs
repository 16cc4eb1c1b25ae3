// Puts an app with all that it imports into few files, which start several times as fast: bin/main.js, with what is loaded
// later, the files that its threads begin with, the scripts of Redis, and the licences of what others wrote.
// Usage, in the folder of an app: node ../../scripts/bundle.mjs
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';

/** These find files beside themselves: a compiled library, the beginning of a thread. They stay what npm installs. */
const LEFT_OUT = ['libsql', 'tinypool', 'pg-native'];

rmSync('bin', { recursive: true, force: true });
const bundled = await rolldown({
  input: { main: join('dist', 'main.js') },
  platform: 'node',
  external: LEFT_OUT,
  logLevel: 'warn',
  plugins: [{ name: 'files-beside', transform: withFilesBeside, generateBundle: addLicences }],
});
await bundled.write({
  dir: 'bin',
  format: 'esm',
  chunkFileNames: '[name]-[hash].js',
  comments: { legal: true },
});
await bundled.close();

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
  if (
    /\.resolve\('@nmcp\/|new URL\(['"`]\.\.?\//.test(placed.replaceAll('./scripts/', '')) &&
    placed === code
  )
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
