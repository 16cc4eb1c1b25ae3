import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, renameSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './free_port.ts';

/** A PostgreSQL server of the tests' own, on the loopback interface. */
export interface PrivatePostgres extends AsyncDisposable {
  /** URL of its empty database. */
  url: string;
  /** Makes a database that is empty. @returns its URL */
  newDatabase(): Promise<string>;
  /** Runs SQL as its owner, in its first database unless another one is named. */
  sql(text: string, url?: string): Promise<void>;
  stop(): void;
  start(): void;
}

/** Folder of PostgreSQL's programs; Debian keeps them off the PATH. */
function findPrograms(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(':'),
    ...versions.map((each) => `${debian}/${each}/bin`),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')));
}

/** Says that suites are skipped; in CI that is a failure. */
function refuse(): undefined {
  const line = 'NO POSTGRESQL: no initdb and pg_ctl on the PATH; the suites that need PostgreSQL are skipped';
  if (process.env.CI === 'true') throw new Error(line);
  console.warn(`\n${'!'.repeat(line.length)}\n${line}\n${'!'.repeat(line.length)}\n`);
  return undefined;
}

/** Starts a server that keeps nothing beyond the test; `undefined` where none can be had. */
export async function startPostgres(): Promise<PrivatePostgres | undefined> {
  const programs = findPrograms();
  if (programs === undefined) return refuse();
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'nmcp-postgres-'));
  // it refuses root, on whose behalf Debian has a user
  const isRoot = process.getuid?.() === 0;
  if (isRoot) run('chown', ['postgres', folder]);
  else chmodSync(folder, 0o700);
  const data = join(folder, 'data');
  const as = (name: string, args: readonly string[]): void =>
    isRoot
      ? run('runuser', ['-u', 'postgres', '--', join(programs, name), ...args])
      : run(join(programs, name), args);
  initialize(data, as);
  const options = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c fsync=off`;
  const start = (): void =>
    void as('pg_ctl', ['-D', data, '-o', options, '-w', '-s', '-l', join(folder, 'log'), 'start']);
  const stop = (): void => as('pg_ctl', ['-D', data, '-w', '-s', '-m', 'immediate', 'stop']);
  start();
  const url = `postgres://nmcp@127.0.0.1:${port}/postgres`;
  const sql = async (text: string, database = url): Promise<void> => {
    const client = new pg.Client(database);
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  let databases = 0;
  return {
    url,
    async newDatabase() {
      const name = `test_${databases++}`;
      await sql(`CREATE DATABASE ${name}`);
      return url.replace(/postgres$/, name);
    },
    sql,
    start,
    stop,
    async [Symbol.asyncDispose]() {
      try {
        stop();
      } catch {
        // it was stopped by its test
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Makes an empty cluster; in a run of tests by a copy of the first one, which takes a tenth of the time. */
function initialize(data: string, as: (name: string, args: readonly string[]) => void): void {
  const shared = process.env.NMCP_TEST_FOLDER;
  const first = join(shared ?? '', 'postgres');
  if (shared !== undefined && existsSync(first)) {
    run('cp', ['-a', first, data]);
    return;
  }
  as('initdb', ['-D', data, '-A', 'trust', '-U', 'nmcp', '--no-sync', '-E', 'UTF8', '--locale=C']);
  if (shared === undefined) return;
  const copy = `${first}-${process.pid}`;
  run('cp', ['-a', data, copy]);
  try {
    renameSync(copy, first); // so that it is whole from the beginning
  } catch {
    // another process was first
  }
}

function run(command: string, args: readonly string[]): void {
  // a server that is left behind would hold a pipe open
  const { status, error } = spawnSync(command, args, { stdio: 'ignore', cwd: tmpdir() });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? `ended with ${status}`}`);
}
