// Builds the bundle that desktop clients install with a click, unpacks it again and takes a call through it:
// npm run mcpb [-- --out FILE.mcpb]
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { tempFolder } from '@nmcp/test-support';
import { unzipSync, zipSync } from 'fflate';
import { pnpm, root } from './checkout.mjs';

const { values: options } = parseArgs({ options: { out: { type: 'string' } } });
const temp = await tempFolder();
const folder = temp.path;
/** What only people and compilers read. */
const LEFT_OUT = /\.(?:d\.[cm]?ts|map|tsbuildinfo)$|\/\.bin\/|\/\.modules\.yaml$|\/pnpm-/;

try {
  const manifest = JSON.parse(readFileSync(join(root, 'config/mcpb/manifest.json'), 'utf8'));
  const { version } = JSON.parse(readFileSync(join(root, 'apps/standalone/package.json'), 'utf8'));
  const files = {
    'manifest.json': Buffer.from(JSON.stringify({ ...manifest, version }, null, 2)),
    ...deployed(),
  };
  const bundle = zipSync(files, { level: 9 });
  const out = resolve(options.out ?? join(folder, 'nessus-mcp.mcpb'));
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, bundle);
  const tools = await callThrough(readFileSync(out), manifest);
  console.log(
    `${(bundle.length / 1e6).toFixed(1)} MB, ${Object.keys(files).length} files; unpacked, it has ${tools} tools`,
  );
} finally {
  await temp[Symbol.asyncDispose]();
}

/** The app with plain folders in place of links, which not every unpacker makes. */
function deployed() {
  const app = join(folder, 'app');
  const args = ['--filter', './apps/standalone', 'deploy', '--prod', '--config.node-linker=hoisted', app];
  execFileSync(pnpm, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const files = {};
  const take = (path) => {
    for (const name of readdirSync(path)) {
      const each = realpathSync(join(path, name));
      const inside = `server/${relative(app, join(path, name))}`;
      if (statSync(each).isDirectory()) take(join(path, name));
      else if (!LEFT_OUT.test(inside)) files[inside] = readFileSync(each);
    }
  };
  take(app);
  return files;
}

/** As a client does it that has unpacked the bundle. */
async function callThrough(bytes, { server: { mcp_config } }) {
  const home = join(folder, 'unpacked');
  for (const [name, content] of Object.entries(unzipSync(bytes))) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), content);
  }
  const args = mcp_config.args.map((arg) => arg.replace('${__dirname}', home));
  const env = { PATH: process.env.PATH, DATA_DIR: join(folder, 'data') };
  for (const name of Object.keys(mcp_config.env)) env[name] = ''; // as a client that was told nothing
  const client = new Client({ name: 'mcpb', version: '0' });
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env, stderr: 'ignore' }));
  const { tools } = await client.listTools();
  const { isError } = await client.callTool({ name: 'list_tasks', arguments: {} });
  await client.close();
  if (isError) throw new Error('list_tasks failed');
  return tools.length;
}
