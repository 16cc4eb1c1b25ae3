import { writeFile } from 'node:fs/promises';
import { recordScanner } from '@nmcp/registry';
import { command } from '@nmcp/runtime/cli';
import { inspectScanners, type Services } from '@nmcp/scans';
import { messageOf, NmcpError, type ScannerListing } from '@nmcp/types';
import type { CommandDef } from 'citty';
import { JSON_ARG, print, table } from '../output.ts';
import { POOL_ARG, STORE, withServices, withStore } from '../store.ts';

const ARGS = { ...STORE, ...JSON_ARG } as const;
const NAME = {
  type: 'positional',
  required: true,
  description: 'instance_id of a scanner, as scanners list shows it',
} as const;

const list = command({
  meta: {
    name: 'scanners list',
    description: 'List the scanners of all pools, with their load',
    examples: ['scanners list', 'scanners list --json'],
  },
  args: ARGS,
  run: ({ args }) =>
    withStore(args, async ({ registry }) => {
      const scanners = await registry.list();
      print(args, scanners, () =>
        table(
          ['scanner', 'state', 'scans', 'in use', 'url'],
          scanners.map((scanner) => [
            scanner.instance_key,
            stateOf(scanner),
            `${scanner.active_scans}/${scanner.max_concurrent_scans}`,
            `${scanner.utilization_pct} %`,
            scanner.url,
          ]),
          'No scanner is configured.',
        ),
      );
    }),
});

/** A scanner's state in one word. */
export function stateOf({ enabled, drained, circuit }: ScannerListing): string {
  if (!enabled) return 'disabled';
  return drained ? 'drained' : circuit === 'closed' ? 'ok' : circuit;
}

const test = command({
  meta: {
    name: 'scanners test',
    description: 'Test scanners: reachability, certificate, login, licence, plugins',
    examples: ['scanners test', 'scanners test scanner1'],
  },
  args: { ...ARGS, ...POOL_ARG, name: { ...NAME, required: false } },
  run: ({ args }) =>
    withServices(args, async (services) => {
      const { name } = args;
      const all = await services.registry.list();
      const chosen = name === undefined ? all : [await find(services, args.pool, name)];
      const tests = await inspectScanners(services, chosen);
      print(args, tests, () =>
        table(
          ['scanner', 'state', 'ms', 'product', 'licence', 'plugins', 'note'],
          tests.map(({ scanner, state, ms, inspection, problem }) => [
            scanner,
            state,
            String(ms ?? ''),
            inspection ? `${inspection.product} ${inspection.version}` : '',
            inspection?.licence ?? '',
            inspection?.plugins ?? '',
            problem ?? '',
          ]),
          'No scanner is configured.',
        ),
      );
      if (!args.json)
        for (const { scanner, problem, inspection } of tests) {
          for (const sentence of inspection?.works ?? []) console.log(`${scanner}: ${sentence}.`);
          if (problem) console.error(`${scanner}: ${problem}`);
        }
      if (tests.some(({ state }) => state === 'unreachable')) process.exitCode = 3;
    }),
});

async function find({ registry }: Services, pool: string, name: string): Promise<ScannerListing> {
  const all = await registry.list();
  const found = all.find(
    (one) => (one.instance_id === name && one.pool === pool) || one.instance_key === name,
  );
  if (found) return found;
  throw new NmcpError(
    'not_found',
    `There is no scanner ${JSON.stringify(name.slice(0, 64))} in the pool ${pool}; there are ${all.map((one) => one.instance_key).join(', ') || 'none'}`,
  );
}

const record = command({
  meta: {
    name: 'scanners record',
    description:
      'Record what a scanner answers, without hosts, names and secrets, as a file that can be sent to others',
    examples: ['scanners record scanner1 -o scanner1.json'],
  },
  args: {
    ...STORE,
    ...POOL_ARG,
    name: NAME,
    output: { type: 'string', alias: 'o', required: true, description: 'File to write', valueHint: 'FILE' },
  },
  run: ({ args }) =>
    withServices(args, async (services) => {
      const { pool, instance_id } = await find(services, args.pool, args.name);
      const config = services.registry.requireScanner(services.registry.requirePool(pool), instance_id);
      const report = await recordScanner(config, { onCall: (call) => console.error(call) });
      await writeFile(args.output, `${JSON.stringify(report, null, 2)}\n`, { flag: 'wx', mode: 0o600 }).catch(
        (error: unknown) => {
          const why = error instanceof Error && 'code' in error && error.code === 'EEXIST';
          throw new NmcpError(
            'storage',
            why
              ? `${args.output} exists; name another file`
              : `${args.output} cannot be written: ${messageOf(error)}`,
          );
        },
      );
      const answered = report.calls.filter(({ status }) => status > 0).length;
      console.log(
        `${args.output}: ${report.product}, ${answered} of ${report.calls.length} calls answered. Read it before you send it: names, addresses and texts are replaced, numbers and the product's own words are not.`,
      );
      if (answered === 0) process.exitCode = 3;
    }),
});

function setDrained(drained: boolean): CommandDef {
  const name = drained ? 'scanners drain' : 'scanners resume';
  return command({
    meta: {
      name,
      description: drained
        ? 'Drain a scanner: it finishes its running scans and gets no new ones'
        : 'Put a drained scanner back into service',
      examples: [`${name} scanner1`, `${name} nessus_dmz:scanner2`],
    },
    args: { ...ARGS, ...POOL_ARG, name: NAME },
    run: ({ args }) =>
      withStore(args, async (services) => {
        const { instance_key: scanner, active_scans } = await find(services, args.pool, args.name);
        const changed = await services.queue.drains.set(scanner, drained);
        const already = changed ? 'is' : 'was already';
        print(args, { scanner, drained, changed, active_scans }, () =>
          drained
            ? `${scanner} ${already} drained; ${active_scans} scans are still running on it.`
            : `${scanner} ${already} in service.`,
        );
      }),
  });
}

/** Commands about scanners. */
export const SCANNER_COMMANDS: Readonly<Record<string, CommandDef>> = {
  'scanners list': list,
  'scanners test': test,
  'scanners record': record,
  'scanners drain': setDrained(true),
  'scanners resume': setDrained(false),
};
