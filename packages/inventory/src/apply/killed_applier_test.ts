import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import Database from 'libsql';
import { expect, test } from 'vitest';
import { textOf, unpackOutputs } from '../outputs.ts';
import { openStore } from '../store/open_store.ts';

/** Kills, spread over all statements that write. */
const ROUNDS = Number(process.env.NMCP_KILL_ROUNDS ?? 5);
const WEEKS = 3;

/** Applies three weeks of 150 hosts, and says how many statements wrote; the process ends before one of them. */
const APPLIER = (path: string, killBefore: number): string => `
  import Database from 'libsql';
  import { applyScan, openStore } from '@nmcp/inventory/store';
  const prepare = Database.prototype.prepare;
  let writes = 0;
  Database.prototype.prepare = function (sql) {
    const statement = prepare.call(this, sql);
    if (!/^\\s*(insert|update|delete|begin|commit)/i.test(sql)) return statement;
    for (const name of ['run', 'all']) {
      const execute = statement[name];
      statement[name] = (...values) => {
        if (++writes === ${killBefore}) process.kill(process.pid, 'SIGKILL');
        return execute.apply(statement, values);
      };
    }
    return statement;
  };
  const store = await openStore(${JSON.stringify(path)});
  for (let week = 0; week < ${WEEKS}; week++) {
    const kinds = Array.from({ length: 60 }, (_, i) => ({
      key: \`\${i}/tcp/\${100 + i}\`, severity: i % 5, brief: '{}', full: '{}' }));
    const hosts = Array.from({ length: 150 }, (_, i) => ({
      name: \`10.0.\${i >> 8}.\${i & 255}\`, facts: { credentialed: 'success' } })).filter((_, i) => (i + week) % 7 > 0);
    const at = 1_700_000_000_000 + week * 604_800_000;
    await applyScan(store, {
      name: 'weekly', policy: undefined, startedAt: at, endedAt: at, findings: 0, kinds, hosts,
      evidence: { partial: false, ports: 'all', plugins: Uint32Array.from(kinds.keys(), (i) => 100 + i),
        reported: new Set(), reportedPorts: new Set() },
      read: ([host]) => ({ kinds: new Map([...kinds.keys()].filter((i) => (i * 7 + host + week) % 5 > 0)
          .map((i) => [i, i % 3 > 0 ? \`\${host} said \${i} in week \${week}\` : ''])),
        listing: { services: [], software: [], cpes: [] } }),
    }, { taskId: \`week\${week}\`, pool: 'p', endedAt: at });
  }
  await store[Symbol.asyncDispose]();
  console.log(writes);`;

/** @returns how many statements wrote; `undefined` where it was killed */
async function applyUntil(path: string, killBefore = 0): Promise<number | undefined> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', APPLIER(path, killBefore)], {
    cwd: new URL('../..', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const [code] = await once(child, 'close');
  return code === 0 ? Number(said) : undefined;
}

/** Everything that is kept. */
async function contentOf(path: string): Promise<unknown> {
  await using store = await openStore(path);
  const assets: unknown[] = [];
  for await (const some of store.assets())
    for (const { outputs, sightings, states, histories, events, ...asset } of some)
      assets.push({
        ...asset,
        said: [...unpackOutputs((await store.outputsOf([{ id: asset.id, outputs }])).get(asset.id))].map(
          ([kind, text]) => [kind, textOf(text)],
        ),
        bytes: [sightings, states, histories, events].map((bytes) => Buffer.from(bytes).toString('base64')),
      });
  return { scans: await store.scans(), kinds: await store.kinds(), assets, left: strayOutputs(path) };
}

/** Outputs that no asset names. */
function strayOutputs(path: string): unknown {
  const db = new Database(path);
  const named = 'SELECT 1 FROM inventory_assets a WHERE a.id = o.asset AND a.outputs = o.change';
  const rows = db.prepare(`SELECT * FROM inventory_outputs o WHERE NOT EXISTS (${named})`).all();
  db.close();
  return rows;
}

test(
  `an applier that is killed before ${ROUNDS} of its statements leaves what an undisturbed one makes`,
  async () => {
    await using folder = await tempFolder();
    const undisturbed = join(folder.path, 'undisturbed.db');
    const writes = (await applyUntil(undisturbed)) ?? 0;
    expect(writes).toBeGreaterThan(WEEKS * 5);
    const whole = await contentOf(undisturbed);
    for (let round = 0; round < ROUNDS; round++) {
      const path = join(folder.path, `killed-${round}.db`);
      const at = 1 + Math.floor((round * writes) / ROUNDS);
      expect([at, await applyUntil(path, at)]).toEqual([at, undefined]);
      await applyUntil(path);
      expect([at, await contentOf(path)]).toEqual([at, whole]);
    }
  },
  60_000 + ROUNDS * 10_000,
);
