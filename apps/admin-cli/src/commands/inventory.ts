import { userInfo } from 'node:os';
import { type Feed, type InventoryStore, mergeAssets, openStore, readFeed } from '@nmcp/inventory/store';
import { InventoryKeeper } from '@nmcp/runner';
import { command } from '@nmcp/runtime/cli';
import { acceptRisk, listAcceptedRisks, takeBackRisk } from '@nmcp/scans';
import { DEFAULT_POOL } from '@nmcp/types';
import type { CommandDef } from 'citty';
import { confirm } from '../confirm.ts';
import { JSON_ARG, listing, oneLine, print, table, YES_ARG } from '../output.ts';
import { OPERATOR, STORE, settingsOf, withServices } from '../store.ts';

const ARGS = { ...STORE, ...JSON_ARG } as const;
const FIRST_DAYS = 90;

async function withInventory<T>(
  args: Parameters<typeof settingsOf>[0],
  use: (store: InventoryStore) => Promise<T>,
): Promise<T> {
  await using store = await openStore(settingsOf(args).settings.inventoryUrl);
  return await use(store);
}

const status = command({
  meta: {
    name: 'inventory status',
    description: 'What the inventory holds, and which scans it lacks or refuses',
    examples: ['inventory status'],
  },
  args: ARGS,
  run: ({ args }) =>
    withServices(args, async ({ tasks, inventory }) => {
      const { feeds = {} } = await inventory.ask('network', {}, { viewer: {} });
      const known = await inventory.known();
      const reports = await tasks.ids({ hasReport: true });
      const missing = reports.filter((id) => !known.has(id));
      const refused = [...known].filter(([, why]) => why !== undefined);
      const { matching_findings: open, matching_assets } = await inventory.ask(
        'groups',
        { group_by: 'severity', filters: { severity: '>=low' } },
        { viewer: {} },
      );
      const { total_assets } = await inventory.ask('assets', { page_size: 1 }, { viewer: {} });
      const found = {
        scans: known.size - refused.length,
        assets: total_assets,
        ...{ open_findings: open, assets_with_open_findings: matching_assets, missing },
        refused: refused.map(([task_id, why]) => ({ task_id, why })),
        feeds,
      };
      return print(args, found, () =>
        [
          listing({
            ...{ scans: found.scans, assets: found.assets, 'open findings': open },
            ...{ "CISA's list of": feeds.kev ?? 'none', 'EPSS of': feeds.epss ?? 'none' },
          }),
          ...missing.map((id) => `  lacks ${id}; a worker applies it within a minute`),
          ...found.refused.map(({ task_id, why }) => `  refuses ${task_id}: ${oneLine(why ?? '')}`),
        ].join('\n'),
      );
    }),
});

const rebuild = command({
  meta: {
    name: 'inventory rebuild',
    description:
      'Forget the inventory but for accepted risks, and build it from the stored scans; those that were removed are lost to it',
    examples: ['inventory rebuild --yes'],
  },
  args: { ...ARGS, ...YES_ARG },
  async run({ args }) {
    const lost = 'What is known of scans that are no longer stored is lost. Rebuild?';
    if (!args.yes && !(await confirm(lost))) return console.log('Nothing was done.');
    await withInventory(args, (store) => store.clear());
    await withServices(args, async ({ tasks, inventory, log }) => {
      await new InventoryKeeper({ tasks, inventory, log }).catchUp();
      const known = await inventory.known();
      print(args, { scans: known.size }, () => `${known.size} scans were applied.`);
    });
  },
});

const merge = command({
  meta: {
    name: 'inventory merge',
    description: 'Make two assets one that are the same machine: the first keeps its identity',
    examples: ['inventory merge 10.0.0.5 10.0.0.77 --zone nessus'],
  },
  args: {
    ...ARGS,
    asset: { type: 'positional', required: true, description: 'Its address, or what else makes it the same' },
    other: { type: 'positional', required: true, description: 'The one that becomes part of it' },
    zone: { type: 'string', default: DEFAULT_POOL as string, description: 'Their zone', valueHint: 'ZONE' },
  },
  run: ({ args }) =>
    withInventory(args, async (store) => {
      await mergeAssets(store, args.zone, [args.asset, args.other]);
      print(args, { merged: [args.asset, args.other] }, () => `${args.other} is part of ${args.asset} now.`);
    }),
});

const accept = command({
  meta: {
    name: 'inventory accept-risk',
    description: 'Accept findings for some time: they are no longer open, but accepted',
    examples: ['inventory accept-risk --plugin 57608 --host 10.3.0.0/24 --reason "lab network" --days 180'],
  },
  args: {
    ...ARGS,
    plugin: { type: 'string', description: 'Findings of this plugin', valueHint: 'ID' },
    cve: { type: 'string', description: 'Findings with this CVE', valueHint: 'CVE' },
    host: { type: 'string', description: 'Only there: an address, a network or a name', valueHint: 'HOST' },
    reason: { type: 'string', required: true, description: 'Why', valueHint: 'TEXT' },
    days: { type: 'string', default: String(FIRST_DAYS), description: 'Days until it ends', valueHint: 'N' },
    person: { type: 'string', description: 'Who decided (the user of this machine)', valueHint: 'NAME' },
  },
  run: ({ args }) =>
    withServices(args, async (services) => {
      const { plugin, cve, host, reason, person = userInfo().username } = args;
      const days = Number(args.days);
      const risk = await acceptRisk(services, OPERATOR, { plugin, cve, host, reason, days, person });
      print(args, risk, () => `Accepted until ${dayOf(risk.until)} as ${risk.id}.`);
    }),
});

const risks = command({
  meta: {
    name: 'inventory risks',
    description: 'List accepted risks, or take one back',
    examples: ['inventory risks', 'inventory risks --remove 1a2b3c4d'],
  },
  args: { ...ARGS, remove: { type: 'string', description: 'Take this one back', valueHint: 'ID' } },
  run: ({ args }) =>
    withServices(args, async (services) => {
      if (args.remove !== undefined) await takeBackRisk(services, OPERATOR, { id: args.remove });
      const all = await listAcceptedRisks(services, OPERATOR, {});
      print(args, all, () =>
        table(
          ['id', 'plugin', 'cve', 'host', 'findings', 'until', 'person', 'reason'],
          all.map(({ id, plugin, cve, host, findings, until, isOver, person, reason }) => [
            ...[id, String(plugin ?? ''), cve ?? '', host ?? 'all', String(findings)],
            `${dayOf(until)}${isOver ? ' (over)' : ''}`,
            ...[person, oneLine(reason)],
          ]),
          'No risk is accepted.',
        ),
      );
    }),
});

function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

const tags = command({
  meta: {
    name: 'inventory tags',
    description: 'Which assets have which tags and owners by inventory.yaml, and groups that have none',
    examples: ['inventory tags'],
  },
  args: ARGS,
  run: ({ args }) =>
    withServices(args, async ({ inventory }) => {
      const found = await inventory.ask('tags', undefined, { viewer: {} });
      print(args, found, () =>
        [
          table(
            ['hosts', 'tags', 'owner', 'assets'],
            found.groups.map(({ hosts, tags: named, owner = '', assets }) => [
              ...[hosts.join(', '), named.join(', '), owner],
              assets === 0 ? 'none: is it right?' : String(assets),
            ]),
            'No groups: INVENTORY_CONFIG names no inventory.yaml, or it has none.',
          ),
          `${found.untagged} assets have no tag, ${found.unowned} no owner.`,
        ].join('\n'),
      );
    }),
});

const importFeed = command({
  meta: {
    name: 'feeds import',
    description:
      "Take in CISA's list of exploited vulnerabilities (JSON, CSV) or FIRST's EPSS scores (CSV, .gz); nothing is fetched",
    examples: [
      'feeds import known_exploited_vulnerabilities.json',
      'feeds import epss_scores-current.csv.gz',
    ],
  },
  args: {
    ...ARGS,
    file: { type: 'positional', required: true, description: 'The file, as it was downloaded' },
  },
  run: ({ args }) =>
    withInventory(args, async (store) => {
      const feed = await readFeed(args.file);
      await store.putFeed(feed);
      const { pairs: _, ...said } = feed;
      print(args, said, () => `${feedTitle(feed)}: ${feed.entries} CVEs.`);
    }),
});

function feedTitle({ name, date }: Pick<Feed, 'name' | 'date'>): string {
  return `${name === 'kev' ? "CISA's list" : 'EPSS'} of ${date}`;
}

/** Commands about assets and findings over time. */
export const INVENTORY_COMMANDS: Readonly<Record<string, CommandDef>> = {
  'inventory status': status,
  'inventory rebuild': rebuild,
  'inventory merge': merge,
  'inventory accept-risk': accept,
  'inventory risks': risks,
  'inventory tags': tags,
  'feeds import': importFeed,
};
