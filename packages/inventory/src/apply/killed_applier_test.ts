import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { seededRandom, tempFolder } from '@nmcp/test-support';
import { expect, test } from 'vitest';
import { openStore } from '../store/open_store.ts';

const ROUNDS = Number(process.env.NMCP_KILL_ROUNDS ?? 3);
const WEEKS = 6;

/** Applies six weeks of 150 hosts, one after the other, and says so after each. */
const APPLIER = (path: string): string => `
  import { applyScan, openStore } from '@nmcp/inventory/store';
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
      read: ([host]) => ({ kinds: [...kinds.keys()].filter((i) => (i * 7 + host + week) % 5 > 0),
        listing: { services: [], software: [], cpes: [] } }),
    }, { taskId: \`week\${week}\`, pool: 'p', endedAt: at });
    console.log(week);
  }
  await store[Symbol.asyncDispose]();`;

/**
 * @param kill after so many weeks were applied, and so many milliseconds; absent: it is left alone
 * @returns whether it came to its end
 */
async function applyFor(path: string, kill?: { weeks: number; ms: number }): Promise<boolean> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', APPLIER(path)], {
    cwd: new URL('../..', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let weeks = 0;
  createInterface({ input: child.stdout }).on('line', () => {
    if (++weeks === kill?.weeks) setTimeout(() => child.kill('SIGKILL'), kill.ms);
  });
  const [code] = await once(child, 'exit');
  return code === 0;
}

/** Everything that is kept, without what says when it was written. */
async function contentOf(path: string): Promise<unknown> {
  await using store = await openStore(path);
  const assets: unknown[] = [];
  for await (const some of store.assets())
    for (const { sightings, states, histories, events, ...asset } of some)
      assets.push({
        ...asset,
        bytes: [sightings, states, histories, events].map((bytes) => Buffer.from(bytes).toString('base64')),
      });
  return { scans: await store.scans(), kinds: await store.kinds(), assets };
}

test(
  `an applier that is killed ${ROUNDS} times at any time leaves what an undisturbed one makes`,
  async () => {
    await using folder = await tempFolder();
    const [undisturbed, killed] = ['undisturbed.db', 'killed.db'].map((name) => join(folder.path, name));
    if (!undisturbed || !killed) throw new Error('There are two');
    expect(await applyFor(undisturbed)).toBe(true);
    const next = seededRandom(7);
    let kills = 0;
    // what was applied is known, and is passed over at once: after one week more it is in the middle of the next
    for (let round = 0; round < ROUNDS; round++) {
      if (round % (WEEKS - 1) === 0)
        for (const end of ['', '-wal', '-shm']) await rm(`${killed}${end}`, { force: true });
      const weeks = 1 + (round % (WEEKS - 1));
      if (!(await applyFor(killed, { weeks, ms: next() * 30 }))) kills++;
    }
    expect(kills).toBeGreaterThan(ROUNDS / 2);
    expect(await applyFor(killed)).toBe(true);
    expect(await contentOf(killed)).toEqual(await contentOf(undisturbed));
  },
  60_000 + ROUNDS * 20_000,
);
