import { migrateTables } from '@nmcp/database/migrations';
import { NmcpError } from '@nmcp/types';
import { type Dialect, Kysely, type Transaction } from 'kysely';
import type { AcceptedRisk } from '../accepted_risk.ts';
import type { ScanEvidence } from '../evidence.ts';
import type { Feed } from '../feeds/feed.ts';
import { readAssets, readAssetsAfter, readLastAsset, readSoftware, upsertAssets } from './asset_rows.ts';
import { readEvidence } from './evidence_rows.ts';
import { readFeeds, upsertFeed } from './feed_rows.ts';
import type {
  InventoryChange,
  InventoryStore,
  OutputsPlace,
  StoredAsset,
  StoredKind,
  StoredOutputs,
  StoredScan,
} from './inventory_store.ts';
import { deleteStaleOutputs, insertOutputs, readOutputs } from './output_rows.ts';
import { deleteRisk, insertRisk, readRisks } from './risk_rows.ts';
import { inChunks } from './row_bytes.ts';
import { migrations, type Tables } from './tables.ts';
import { insertScan, upsertKinds } from './write_rows.ts';

/** What differs between the databases. */
export interface Backend {
  dialect: Dialect;
  bytes: 'blob' | 'bytea';
  /** Makes or changes the tables: all of it or none, and one process at a time. */
  alone(change: () => Promise<void>): Promise<void>;
  /** Takes the right to change the inventory, at the beginning of a transaction. */
  lock(transaction: Transaction<Tables>): Promise<void>;
  /** Says what a driver's error means; `undefined` for a fault of ours. */
  explain(error: unknown): NmcpError | undefined;
  close(): Promise<void>;
}

/** An inventory in a database. */
export class KyselyStore implements InventoryStore {
  readonly #db: Kysely<Tables>;
  readonly #backend: Backend;

  /** @throws {NmcpError} `invalid_config` for a database of a later version */
  static async open(backend: Backend): Promise<KyselyStore> {
    const store = new KyselyStore(backend);
    await store.#guarded(() =>
      backend.alone(async () => {
        await migrateTables(store.#db, {
          migrations: migrations(backend.bytes),
          prefix: 'inventory',
          holds: 'The inventory',
          setting: 'INVENTORY_URL',
        });
      }),
    );
    return store;
  }

  private constructor(backend: Backend) {
    this.#backend = backend;
    this.#db = new Kysely<Tables>({ dialect: backend.dialect });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#db.destroy();
    await this.#backend.close();
  }

  /** Runs an action; what a driver throws is explained. */
  async #guarded<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof NmcpError) throw error;
      throw this.#backend.explain(error) ?? error;
    }
  }

  version(): Promise<number> {
    return this.#guarded(() => versionIn(this.#db));
  }

  scans(): Promise<StoredScan[]> {
    return this.#guarded(async () => {
      const rows = await this.#db
        .selectFrom('inventory_scans')
        .select(['id', 'task_id', 'pool', 'zone', 'owner', 'name', 'policy', 'started_at', 'ended_at'])
        .select(['targets', 'hosts', 'findings', 'outputs'])
        .orderBy('ended_at')
        .orderBy('id')
        .execute();
      return rows.map(({ task_id, started_at, ended_at, owner, policy, outputs, ...row }) => ({
        ...row,
        hasOutputs: outputs !== 0,
        taskId: task_id,
        owner: owner ?? undefined,
        policy: policy ?? undefined,
        startedAt: Number(started_at),
        endedAt: Number(ended_at),
      }));
    });
  }

  evidence(ids: readonly number[]): Promise<Map<number, ScanEvidence>> {
    return this.#guarded(() => readEvidence(this.#db, ids));
  }

  kinds(from = 0): Promise<StoredKind[]> {
    return this.#guarded(() =>
      this.#db.selectFrom('inventory_kinds').selectAll().where('id', '>=', from).orderBy('id').execute(),
    );
  }

  kindKeys(): Promise<Pick<StoredKind, 'id' | 'key' | 'severity'>[]> {
    return this.#guarded(() =>
      this.#db.selectFrom('inventory_kinds').select(['id', 'key', 'severity']).execute(),
    );
  }

  lastAsset(): Promise<number> {
    return this.#guarded(() => readLastAsset(this.#db));
  }

  assetsOf(zone: string, identities: readonly string[]): Promise<StoredAsset[]> {
    return this.#guarded(() => readAssets(this.#db, zone, identities));
  }

  outputsOf(assets: readonly OutputsPlace[]): Promise<Map<number, Uint8Array>> {
    return this.#guarded(() => readOutputs(this.#db, assets));
  }

  stageOutputs(rows: readonly StoredOutputs[]): Promise<void> {
    return this.#guarded(async () => {
      for (const some of inChunks(rows)) await insertOutputs(this.#db, some);
    });
  }

  software(text: string, ids?: readonly number[]): Promise<Map<number, string>> {
    return this.#guarded(() => readSoftware(this.#db, text, ids));
  }

  async *assets(): AsyncGenerator<Omit<StoredAsset, 'software'>[]> {
    for (let after = 0; ; ) {
      const from = after;
      const assets = await this.#guarded(() => readAssetsAfter(this.#db, from));
      if (assets.length === 0) return;
      after = assets.at(-1)?.id ?? after;
      yield assets;
    }
  }

  commit(change: InventoryChange): Promise<boolean> {
    return this.#guarded(() =>
      this.#change(change.from, async (transaction) => {
        if (change.scan) await insertScan(transaction, change.scan);
        for (const some of inChunks(change.kinds)) await upsertKinds(transaction, some);
        for (const some of inChunks(change.assets)) await upsertAssets(transaction, some);
        for (const some of inChunks(change.removed ?? []))
          await transaction.deleteFrom('inventory_assets').where('id', 'in', some).execute();
        const changed = [...change.assets.map(({ id }) => id), ...(change.removed ?? [])];
        for (const some of inChunks(changed)) await deleteStaleOutputs(transaction, some);
      }),
    );
  }

  /** Changes something, if nothing was changed since a version. */
  #change(
    from: number | undefined,
    write: (transaction: Transaction<Tables>) => Promise<void>,
  ): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      await this.#backend.lock(transaction);
      const version = await versionIn(transaction);
      if (from !== undefined && version !== from) return false;
      await write(transaction);
      await transaction
        .insertInto('inventory_meta')
        .values({ key: 'version', value: String(version + 1) })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: String(version + 1) }))
        .execute();
      return true;
    });
  }

  refuse(taskId: string, why: string): Promise<void> {
    return this.#guarded(async () => {
      await this.#db
        .insertInto('inventory_refused')
        .values({ task_id: taskId, why })
        .onConflict((conflict) => conflict.column('task_id').doUpdateSet({ why }))
        .execute();
    });
  }

  known(): Promise<Map<string, string | undefined>> {
    return this.#guarded(async () => {
      const applied = await this.#db.selectFrom('inventory_scans').select('task_id').execute();
      const refused = await this.#db.selectFrom('inventory_refused').selectAll().execute();
      return new Map<string, string | undefined>([
        ...refused.map(({ task_id, why }): [string, string] => [task_id, why]),
        ...applied.map(({ task_id }): [string, undefined] => [task_id, undefined]),
      ]);
    });
  }

  risks(): Promise<AcceptedRisk[]> {
    return this.#guarded(() => readRisks(this.#db));
  }

  addRisk(risk: AcceptedRisk): Promise<void> {
    return this.#guarded(async () => {
      await this.#change(undefined, (transaction) => insertRisk(transaction, risk));
    });
  }

  removeRisk(id: string): Promise<boolean> {
    return this.#guarded(async () => {
      let removed = false;
      await this.#change(undefined, async (transaction) => {
        removed = await deleteRisk(transaction, id);
      });
      return removed;
    });
  }

  feeds(): Promise<Feed[]> {
    return this.#guarded(() => readFeeds(this.#db));
  }

  putFeed(feed: Feed): Promise<void> {
    return this.#guarded(async () => {
      await this.#change(undefined, (transaction) => upsertFeed(transaction, feed));
    });
  }

  clear(): Promise<void> {
    return this.#guarded(async () => {
      await this.#change(undefined, async (transaction) => {
        for (const table of CLEARED) await transaction.deleteFrom(table).execute();
      });
    });
  }
}

const CLEARED = [
  'inventory_scans',
  'inventory_plugin_sets',
  'inventory_refused',
  'inventory_kinds',
  'inventory_assets',
  'inventory_outputs',
] as const;

async function versionIn(db: Kysely<Tables>): Promise<number> {
  const row = await db
    .selectFrom('inventory_meta')
    .select('value')
    .where('key', '=', 'version')
    .executeTakeFirst();
  return Number(row?.value ?? 0);
}
