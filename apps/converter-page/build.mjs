// Builds the page: one HTML file with its styles, its script and the script of its worker.
// Usage: node build.mjs FILE.html
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const [target] = process.argv.slice(2);
if (target === undefined) {
  console.error('Usage: node build.mjs FILE.html');
  process.exit(2);
}
const from = (name) => join(import.meta.dirname, 'src', name);

/** What the page does not need is left out: expressions in filters, and the reading of XML as a tree. */
const schema = createRequire(createRequire(import.meta.url).resolve('@nmcp/schema/package.json'));
const alias = {
  re2js: from('plain_regex.ts'),
  '@xmldom/xmldom': join(dirname(schema.resolve('@xmldom/xmldom')), 'dom.js'),
};

/** A script with everything that it imports. */
async function bundle(name) {
  const bundled = await rolldown({
    input: from(name),
    platform: 'browser',
    logLevel: 'warn',
    resolve: { alias },
  });
  const { output } = await bundled.generate({
    format: 'iife',
    minify: true,
    codeSplitting: false,
    comments: false,
  });
  await bundled.close();
  if (output.length !== 1) throw new Error(`${name} was built into ${output.length} files, not one`);
  return output[0].code.trim();
}

const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
/** A script stands in HTML, where this would end it. */
const inHtml = (code) => code.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');

const worker = inHtml(await bundle('worker.ts'));
const page = inHtml(await bundle('page.ts'));
const style = readFileSync(from('page.css'), 'utf8').trim();
const policy = [
  "default-src 'none'",
  `script-src ${hashOf(page)}`,
  'worker-src blob:',
  `style-src ${hashOf(style)}`,
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
const html = [
  ['POLICY', policy],
  ['<style></style>', `<style>${style}</style>`],
  ['id="worker"></script>', `id="worker">${worker}</script>`],
  ['<script id="page"></script>', `<script>${page}</script>`],
].reduce(
  (text, [place, content]) => {
    if (!text.includes(place)) throw new Error(`page.html has no place for ${place}`);
    return text.replace(place, () => content);
  },
  readFileSync(from('page.html'), 'utf8'),
);
const file = resolve(target);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, html);
console.log(`${target}: ${Math.round(Buffer.byteLength(html) / 1000)} kB`);
