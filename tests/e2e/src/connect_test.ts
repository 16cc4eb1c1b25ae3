import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { serveSimulated } from './app_process.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const readme = await readFile(`${root}README.md`, 'utf8');
const section = readme.slice(
  readme.indexOf('## Connect your client'),
  readme.indexOf('## Connect your scanner'),
);
/** Name of a client, and the configuration that stands below it. */
const configurations = [...section.matchAll(/\*\*([^*]+)\*\*[^\n]*\n\n```(\w+)\n([\s\S]*?)```/g)].map(
  ([, client = '', language = '', text = '']) => ({ client, language, text }),
);

/** The server that a configuration names: an address, or a command. */
function serverOf({ language, text }: (typeof configurations)[number]): {
  url?: string;
  command?: string;
  args?: string[];
} {
  if (language === 'sh') return { url: /https?:\S+/.exec(text)?.[0] ?? '' };
  const value =
    language === 'toml'
      ? Object.fromEntries(
          [...text.matchAll(/^(\w+) = (.+)$/gm)].map(([, key, json = '']) => [key, parse(json)]),
        )
      : Object.values(Object.values(JSON.parse(text))[0] as object)[0];
  return value;
}

test('the README has a configuration for every client', () => {
  expect(configurations.map(({ client }) => client)).toEqual([
    'Claude Code',
    'VS Code',
    'Cursor',
    'Claude Desktop',
    'Codex',
    'Any other, over stdio',
  ]);
});

test.each(configurations)('what the README says for $client connects', async (configuration) => {
  const { url, command, args = [] } = serverOf(configuration);
  const client = new Client({ name: 'test', version: '0' });
  if (url === undefined) {
    const own = args.map((arg) => arg.replace('/path/to/nessus-mcp/', root));
    expect(command).toBe('node');
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: own,
        env: { PATH: process.env.PATH ?? '', HOME: '/tmp' },
        stderr: 'ignore',
      }),
    );
    expect((await client.listTools()).tools.length).toBeGreaterThan(10);
  } else {
    expect(url).toBe('http://127.0.0.1:8836/mcp');
    await using app = await serveSimulated();
    await client.connect(
      new StreamableHTTPClientTransport(new URL(url.replace('http://127.0.0.1:8836', app.url))),
    );
    expect((await client.listTools()).tools.length).toBeGreaterThan(10);
  }
  await client.close();
});

test('server.json and the bundle say what the package says', async () => {
  const read = async (path: string): Promise<Record<string, unknown>> =>
    JSON.parse(await readFile(`${root}${path}`, 'utf8'));
  const [server, manifest, app] = [
    await read('server.json'),
    await read('config/mcpb/manifest.json'),
    await read('apps/standalone/package.json'),
  ];
  expect(server).toMatchObject({
    name: app.mcpName,
    version: app.version,
    packages: [{ identifier: app.name, version: app.version, registryType: 'npm' }],
  });
  expect(String(server.description).length).toBeLessThanOrEqual(100);
  expect(manifest).toMatchObject({ version: app.version, description: server.description });
});
