import { type Generated, type Kysely, type Migration, sql } from 'kysely';

/** Bytes as the drivers give them. */
export type Bytes = Uint8Array | ArrayBuffer;

/** Tables of the inventory; times are seconds since 1970. */
export interface Tables {
  inventory_meta: { key: string; value: string };
  inventory_scans: {
    id: number;
    task_id: string;
    pool: string;
    zone: string;
    owner: string | null;
    name: string;
    policy: string | null;
    started_at: number;
    ended_at: number;
    targets: string;
    hosts: number;
    findings: number;
    partial: number;
    ports: string | null;
    reported_ports: string;
    reported_plugins: Bytes;
    /** Key of `inventory_plugin_sets`. */
    plugin_set: string | null;
    /** What its findings said was kept: 0 for a scan that an earlier version applied. */
    outputs: Generated<number>;
  };
  /** Sets of plugins, of which many scans have the same: 32-bit numbers, ascending. */
  inventory_plugin_sets: { hash: string; plugins: Bytes };
  inventory_refused: { task_id: string; why: string };
  inventory_kinds: { id: number; key: string; severity: number; brief: string; full: string };
  inventory_assets: {
    id: number;
    zone: string;
    identity: string;
    name: string;
    facts: string;
    software: string;
    sightings: Bytes;
    states: Bytes;
    histories: Bytes;
    events: Bytes;
    /** Which of its rows in `inventory_outputs` counts; empty for none. */
    outputs: string;
  };
  /** What findings of an asset said; a row that its asset does not name is of a change that was not committed. */
  inventory_outputs: { asset: number; change: string; texts: Bytes };
  inventory_feeds: { name: string; date: string; entries: number; pairs: Bytes };
  inventory_risks: {
    id: string;
    plugin: number | null;
    cve: string | null;
    host: string | null;
    reason: string;
    person: string;
    until: number;
    created_at: Generated<number>;
  };
}

/** Changes of the tables, in their order. Names sort; what was published is never edited. */
export function migrations(bytes: 'blob' | 'bytea'): Record<string, Migration> {
  const big = 'bigint';
  return {
    '0001_first': {
      async up(db: Kysely<unknown>) {
        const { schema } = db;
        await schema
          .createTable('inventory_meta')
          .addColumn('key', 'text', (column) => column.primaryKey())
          .addColumn('value', 'text', (column) => column.notNull())
          .execute();
        await schema
          .createTable('inventory_scans')
          .addColumn('id', 'integer', (column) => column.primaryKey())
          .addColumn('task_id', 'text', (column) => column.notNull().unique())
          .addColumn('pool', 'text', (column) => column.notNull())
          .addColumn('zone', 'text', (column) => column.notNull())
          .addColumn('owner', 'text')
          .addColumn('name', 'text', (column) => column.notNull())
          .addColumn('policy', 'text')
          .addColumn('started_at', big, (column) => column.notNull())
          .addColumn('ended_at', big, (column) => column.notNull())
          .addColumn('targets', 'text', (column) => column.notNull())
          .addColumn('hosts', 'integer', (column) => column.notNull())
          .addColumn('findings', 'integer', (column) => column.notNull())
          .addColumn('partial', 'integer', (column) => column.notNull())
          .addColumn('ports', 'text')
          .addColumn('reported_ports', 'text', (column) => column.notNull())
          .addColumn('reported_plugins', sql.raw(bytes), (column) => column.notNull())
          .addColumn('plugin_set', 'text')
          .execute();
        await schema
          .createTable('inventory_plugin_sets')
          .addColumn('hash', 'text', (column) => column.primaryKey())
          .addColumn('plugins', sql.raw(bytes), (column) => column.notNull())
          .execute();
        await schema
          .createTable('inventory_refused')
          .addColumn('task_id', 'text', (column) => column.primaryKey())
          .addColumn('why', 'text', (column) => column.notNull())
          .execute();
        await schema
          .createTable('inventory_kinds')
          .addColumn('id', 'integer', (column) => column.primaryKey())
          .addColumn('key', 'text', (column) => column.notNull())
          .addColumn('severity', 'integer', (column) => column.notNull())
          .addColumn('brief', 'text', (column) => column.notNull())
          .addColumn('full', 'text', (column) => column.notNull())
          .addUniqueConstraint('inventory_kinds_once', ['key', 'severity'])
          .execute();
        await schema
          .createTable('inventory_assets')
          .addColumn('id', 'integer', (column) => column.primaryKey())
          .addColumn('zone', 'text', (column) => column.notNull())
          .addColumn('identity', 'text', (column) => column.notNull())
          .addColumn('name', 'text', (column) => column.notNull())
          .addColumn('facts', 'text', (column) => column.notNull())
          .addColumn('software', 'text', (column) => column.notNull())
          .addColumn('sightings', sql.raw(bytes), (column) => column.notNull())
          .addColumn('states', sql.raw(bytes), (column) => column.notNull())
          .addColumn('histories', sql.raw(bytes), (column) => column.notNull())
          .addColumn('events', sql.raw(bytes), (column) => column.notNull())
          .addUniqueConstraint('inventory_assets_once', ['zone', 'identity'])
          .execute();
        await schema
          .createTable('inventory_risks')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('plugin', 'integer')
          .addColumn('cve', 'text')
          .addColumn('host', 'text')
          .addColumn('reason', 'text', (column) => column.notNull())
          .addColumn('person', 'text', (column) => column.notNull())
          .addColumn('until', big, (column) => column.notNull())
          .addColumn('created_at', big, (column) => column.notNull())
          .execute();
      },
    },
    '0002_feeds': {
      async up(db: Kysely<unknown>) {
        await db.schema
          .createTable('inventory_feeds')
          .addColumn('name', 'text', (column) => column.primaryKey())
          .addColumn('date', 'text', (column) => column.notNull())
          .addColumn('entries', 'integer', (column) => column.notNull())
          .addColumn('pairs', sql.raw(bytes), (column) => column.notNull())
          .execute();
      },
    },
    '0003_outputs': {
      async up(db: Kysely<unknown>) {
        const { schema } = db;
        await schema
          .createTable('inventory_outputs')
          .addColumn('asset', 'integer', (column) => column.notNull())
          .addColumn('change', 'text', (column) => column.notNull())
          .addColumn('texts', sql.raw(bytes), (column) => column.notNull())
          .addPrimaryKeyConstraint('inventory_outputs_once', ['asset', 'change'])
          .execute();
        await schema
          .alterTable('inventory_assets')
          .addColumn('outputs', 'text', (column) => column.notNull().defaultTo(''))
          .execute();
        await schema
          .alterTable('inventory_scans')
          .addColumn('outputs', 'integer', (column) => column.notNull().defaultTo(0))
          .execute();
        // they are compressed already
        if (bytes === 'bytea')
          await sql`ALTER TABLE inventory_outputs ALTER COLUMN texts SET STORAGE EXTERNAL`.execute(db);
      },
    },
  };
}
