import { DatabaseTokens, Tokens } from '@nmcp/access';
import { PostgresLog } from '@nmcp/audit/postgres';
import { openStateDatabase } from '@nmcp/database/state';
import type { ResultFiles } from '@nmcp/tasks';
import { createPostgresTaskStore } from '@nmcp/tasks/postgres';
import { requireSameKeys } from './deployment_keys.ts';
import type { OpenStateOptions, State } from './state.ts';

/** Opens the state in PostgreSQL; the results of scans are in folders of `dataDir`, unless said otherwise. */
export async function openDatabase(
  { url, dataDir, files }: { url: string; dataDir: string; files?: ResultFiles | undefined },
  { onlyReads = false, onDamaged }: OpenStateOptions,
): Promise<State> {
  const database = await openStateDatabase({ url, migrates: !onlyReads });
  const tokenVersions = new DatabaseTokens(database.versions('tokens'));
  return {
    tasks: createPostgresTaskStore({
      database,
      dataDir,
      results: files,
      ...(onDamaged ? { onDamaged } : {}),
    }),
    tokens: new Tokens(tokenVersions),
    tokenVersions,
    audit: new PostgresLog(database),
    database: { where: database.where, now: () => database.now() },
    requireKeys: (keys) => requireSameKeys(database.versions('secret-keys'), keys, database.where),
    requireOneQueue: (queue) => database.requireOneQueue(queue),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}
