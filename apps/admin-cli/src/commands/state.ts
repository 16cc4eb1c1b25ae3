import { resolve } from 'node:path';
import { copyState, existingKeys, migrateDatabase, openState } from '@nmcp/runtime';
import { command } from '@nmcp/runtime/cli';
import type { Settings } from '@nmcp/settings';
import { NmcpError } from '@nmcp/types';
import type { CommandDef } from 'citty';
import { JSON_ARG, listing, oneLine, print } from '../output.ts';
import { settingsOf } from '../store.ts';

const HOW_TO_NAME = 'Name the database of tasks in TASKS_URL: postgres://USER:PASSWORD@HOST:PORT/DATABASE';

const migrate = command({
  meta: {
    name: 'migrate',
    description:
      'Make the tables of the database of tasks (TASKS_URL), or bring them to this version; servers may be running',
    examples: ['migrate'],
  },
  args: JSON_ARG,
  async run({ args }) {
    const { tasksUrl } = settingsOf().settings;
    if (tasksUrl === undefined) throw new NmcpError('invalid_input', HOW_TO_NAME);
    const { made, where } = await migrateDatabase(tasksUrl);
    print(args, { database: where, made }, () =>
      made.length === 0
        ? `${where}: nothing to do, its tables are of this version or a later one that it may use.`
        : `${where}: made ${made.join(', ')}.`,
    );
  },
});

const copy = command({
  meta: {
    name: 'copy',
    description:
      'Copy tasks, approvals, tokens, limits, owners of scans and the audit log from files to a database, or back; stop the servers of both, or run it again once they are',
    examples: ['copy --from data/tasks', 'copy --from TASKS_URL --to data/tasks'],
  },
  args: {
    from: {
      type: 'string',
      required: true,
      description: 'A data directory, or a URL of PostgreSQL, or TASKS_URL for that of the environment',
      valueHint: 'FOLDER|URL',
    },
    to: { type: 'string', description: 'The same (TASKS_URL)', valueHint: 'FOLDER|URL' },
    ...JSON_ARG,
  },
  async run({ args }) {
    const { settings } = settingsOf();
    const [from, to] = [placeOf(args.from, settings), placeOf(args.to ?? 'TASKS_URL', settings)];
    if (from.name === to.name)
      throw new NmcpError('invalid_input', `--from and --to: both are ${from.name}; expected two places`);
    await using source = await openState(from.settings, { onlyReads: true });
    await using target = await openState(to.settings, { copies: true });
    // those of the files, unless all have them from the environment
    const keys = existingKeys((to.settings.tasksUrl === undefined ? to : from).settings);
    for (const state of keys ? [source, target] : []) await state.requireKeys(keys ?? []);
    const report = await copyState(source, target, from.name);
    const { unreadable, ...counts } = report;
    print(args, { from: from.name, to: to.name, ...report }, () =>
      [
        `From ${from.name} to ${to.name}, beside what was there already:`,
        listing(counts),
        ...Object.entries(unreadable).map(([id, why]) => `  not copied, ${id}: ${oneLine(why)}`),
      ].join('\n'),
    );
    if (Object.keys(unreadable).length > 0) process.exitCode = 1;
  },
});

/** A place by its argument. @throws {NmcpError} `invalid_input` */
function placeOf(argument: string, settings: Settings): { name: string; settings: Settings } {
  const url = argument === 'TASKS_URL' ? settings.tasksUrl : argument;
  if (url === undefined) throw new NmcpError('invalid_input', HOW_TO_NAME);
  if (/^\w+:\/\//.test(url)) {
    if (url === argument && URL.canParse(url) && new URL(url).password !== '')
      console.error('Everybody on this machine can see a password among the arguments: use TASKS_URL.');
    return { name: nameOf(url), settings: { ...settings, tasksUrl: url } };
  }
  const dataDir = resolve(url);
  if (dataDir === resolve(settings.dataDir))
    return { name: dataDir, settings: { ...settings, tasksUrl: undefined } };
  const [tokensFile, auditLog, secretKeyFile] = ['tokens.json', 'audit.jsonl', 'secret_key'].map(
    (name) => `${dataDir}/.${name}`,
  ) as [string, string, string]; // as many as there are names
  return {
    name: dataDir,
    settings: { ...settings, dataDir, tokensFile, auditLog, secretKeyFile, tasksUrl: undefined },
  };
}

/** A URL without user, password and options. */
function nameOf(url: string): string {
  if (!URL.canParse(url)) return 'a URL that is none';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** Commands about where tasks are kept. */
export const STATE_COMMANDS: Readonly<Record<string, CommandDef>> = { migrate, copy };
