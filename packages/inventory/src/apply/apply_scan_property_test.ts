import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textOf, unpackOutputs } from '../outputs.ts';
import { unpackStates } from '../packed.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { applyScan } from './apply_scan.ts';
import type { ReportedHost, ScanReport } from './scan_report.ts';

// A network is scanned again and again: hosts are away, logins lost, ports and plugins left out, reports come late or twice.
// A plain model goes through the scans of each host in the order of their times.

const PLUGINS = [101, 102, 103];
const PORTS = [0, 80, 443];
const HOSTS = ['10.0.0.1', '10.0.0.2'];
const LOGINS = ['success', 'partial', 'failed'] as const;

interface TriedHost {
  name: string;
  login: (typeof LOGINS)[number];
  /** What it said, by `plugin/port`; empty for nothing. */
  seen: Record<string, string>;
}

interface TriedScan {
  at: number;
  plugins: number[] | undefined;
  ports: string | undefined;
  partial: boolean;
  hosts: TriedHost[];
}

/** Nothing, something that scans say again and again, something else. */
const OUTPUT = fc.oneof(fc.constantFrom('', 'seen'), fc.string({ unit: 'grapheme', maxLength: 9 }));

const tried: fc.Arbitrary<TriedScan> = fc.record({
  at: fc.integer({ min: 1, max: 1_000_000 }),
  plugins: fc.option(fc.subarray(PLUGINS), { nil: undefined }),
  ports: fc.constantFrom('all', 'default', '80', '1-100,T:443', 'U:443', undefined),
  partial: fc.boolean(),
  hosts: fc.subarray(HOSTS, { minLength: 1 }).chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc.record({
          name: fc.constant(name),
          login: fc.constantFrom(...LOGINS),
          seen: fc
            .subarray(PLUGINS.flatMap((plugin) => PORTS.map((port) => `${plugin}/${port}`)))
            .chain((found) => fc.record(Object.fromEntries(found.map((each) => [each, OUTPUT])))),
        }),
      ),
    ),
  ),
});

function reportFor({ at, plugins, ports, partial, hosts }: TriedScan): ScanReport {
  const kinds = [...new Set(hosts.flatMap(({ seen }) => Object.keys(seen)))];
  const listed: ReportedHost[] = hosts.map(({ name, login }) => ({
    name,
    facts: { credentialed: login, host_ip: name },
  }));
  return {
    ...{ name: 'scan', policy: undefined, startedAt: at * 1000, endedAt: at * 1000, findings: 0 },
    kinds: kinds.map((kind) => {
      const [plugin, port] = kind.split('/');
      return { key: `${port}/tcp/${plugin}`, severity: 1, brief: '{}', full: '{}' };
    }),
    evidence: {
      ...{ partial, ports, plugins: Uint32Array.from(plugins ?? []).sort() },
      reported: new Set(kinds.map((kind) => Number(kind.split('/')[0]))),
      reportedPorts: new Set(kinds.map((kind) => `${kind.split('/')[1]}/tcp`)),
    },
    hosts: listed,
    read: (places) => ({
      kinds: new Map(
        places.flatMap((place) =>
          Object.entries(hosts[place]?.seen ?? {}).map(([kind, output]) => [kinds.indexOf(kind), output]),
        ),
      ),
      listing: { services: [], software: [], cpes: [] },
    }),
  };
}

/** What became of one finding of a host, by going through all scans that reached it. */
function truthOf(scans: readonly TriedScan[], name: string, finding: string): object | undefined {
  const [plugin = '', port = ''] = finding.split('/');
  const rank = (login: string): number => ({ success: 2, partial: 1 })[login] ?? 0;
  let known:
    | { status: string; first: number; last: number; fixed: number; back: number; output: string }
    | undefined;
  let seenIn: { scan: TriedScan; login: number } | undefined;
  for (const scan of scans) {
    const host = scan.hosts.find((each) => each.name === name);
    if (!host) continue;
    const output = host.seen[finding];
    if (output !== undefined) {
      if (!known) known = { status: 'open', first: scan.at, last: scan.at, fixed: 0, back: 0, output };
      else if (known.status === 'fixed')
        known = { ...known, status: 'reopened', back: known.back + 1, fixed: 0 };
      Object.assign(known, { last: scan.at, output });
      seenIn = { scan, login: rank(host.login) };
    } else if (
      known &&
      seenIn &&
      known.status !== 'fixed' &&
      looked(scan, rank(host.login), seenIn, plugin, Number(port))
    )
      known = { ...known, status: 'fixed', fixed: scan.at };
  }
  return known;
}

function looked(
  scan: TriedScan,
  login: number,
  seen: { scan: TriedScan; login: number },
  plugin: string,
  port: number,
): boolean {
  const all = scan.hosts.flatMap((host) => Object.keys(host.seen).map((each) => each.split('/')));
  if (scan.partial || login < seen.login) return false;
  const ran = scan.plugins?.includes(Number(plugin)) || all.some(([each]) => each === plugin);
  if (!ran) return false;
  if (port === 0 || all.some(([, each]) => Number(each) === port)) return true;
  if (scan.ports === undefined) return false;
  if (scan.ports === 'all' || scan.ports === seen.scan.ports) return true;
  return scan.ports === '80' ? port === 80 : scan.ports === '1-100,T:443';
}

const RUNS = Number(process.env.NMCP_PROPERTY_RUNS ?? 150);

test('what is called fixed was looked for, and what was said last is kept, in whatever order scans come', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(tried, { minLength: 1, maxLength: 7, selector: ({ at }) => at }),
      fc.infiniteStream(fc.nat(6)),
      async (scans, order) => {
        await using store = await openSqliteStore(':memory:');
        const waiting = scans.map((scan, i) => ({ scan, taskId: `t${i}` }));
        const all = [...waiting];
        while (waiting.length > 0) {
          const [next] = waiting.splice((order.next().value ?? 0) % waiting.length, 1);
          const again = all[(order.next().value ?? 0) % all.length];
          for (const each of [next, next, again].filter((one) => one && !waiting.includes(one)))
            if (each)
              await applyScan(store, reportFor(each.scan), {
                ...{ taskId: each.taskId, pool: 'p', endedAt: 0, now: () => 2e9 },
              });
        }
        const inTime = scans.toSorted((a, b) => a.at - b.at);
        const kinds = new Map((await store.kinds()).map(({ id, key }) => [id, key]));
        for (const name of HOSTS) {
          const [asset] = await store.assetsOf('p', [name]);
          const said = unpackOutputs((await store.outputsOf(asset ? [asset] : [])).get(asset?.id ?? 0));
          const found = (asset ? unpackStates(asset.states) : []).map((state) => {
            const [port, , plugin] = (kinds.get(state.kind) ?? '').split('/');
            const { status, firstSeen: first, lastSeen: last, fixedAt: fixed, reopened: back } = state;
            const output = textOf(said.get(state.kind) ?? '');
            return [`${plugin}/${port}`, { status, first, last, fixed, back, output }] as const;
          });
          const truth = PLUGINS.flatMap((plugin) =>
            PORTS.flatMap((port) => {
              const finding = `${plugin}/${port}`;
              const state = truthOf(inTime, name, finding);
              return state ? [[finding, state] as const] : [];
            }),
          );
          expect(Object.fromEntries(found)).toEqual(Object.fromEntries(truth));
        }
      },
    ),
    { numRuns: RUNS },
  );
});
