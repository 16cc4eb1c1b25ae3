import { dirname } from 'node:path';
import { openTokenFile } from '@nmcp/access';
import { FileLog } from '@nmcp/audit';
import type { Settings } from '@nmcp/settings';
import { createTaskStore, type ResultFiles, requireHardLinks } from '@nmcp/tasks';
import type { OpenStateOptions, State } from './state.ts';

/** The settings that say where. */
export type StateSettings = Pick<Settings, 'dataDir' | 'auditLog' | 'tokensFile' | 'tasksUrl' | 'results'>;

/**
 * Opens the state.
 *
 * @throws {NmcpError} `invalid_config` for a folder that cannot hold tasks, tokens or the audit log, or a wrong database;
 *   `unavailable` when that does not answer
 */
export async function openState(settings: StateSettings, options: OpenStateOptions = {}): Promise<State> {
  // the libraries are hundreds of files, which whoever has no bucket and no database need not wait for
  const bucket =
    settings.results &&
    (await (
      await import('./open_result_bucket.ts')
    ).openResultBucket(settings.results, settings.dataDir, options));
  const files = bucket?.files;
  const state =
    settings.tasksUrl === undefined
      ? await openFiles(settings, files, options)
      : await (await import('./open_database.ts')).openDatabase(
          { url: settings.tasksUrl, dataDir: settings.dataDir, files },
          options,
        );
  return {
    ...state,
    bucket,
    async [Symbol.asyncDispose]() {
      await state[Symbol.asyncDispose]();
      bucket?.close();
    },
  };
}

async function openFiles(
  { dataDir, auditLog, tokensFile }: StateSettings,
  results: ResultFiles | undefined,
  { onlyReads = false, onDamaged }: OpenStateOptions,
): Promise<State> {
  if (!onlyReads) {
    await requireHardLinks(dataDir);
    await requireHardLinks(dirname(auditLog), { name: 'the folder of AUDIT_LOG' });
    await requireHardLinks(dirname(tokensFile), { name: 'the folder of TOKENS_FILE' });
  }
  return {
    tasks: createTaskStore({ dataDir, results, ...(onDamaged ? { onDamaged } : {}) }),
    tokens: openTokenFile(tokensFile),
    audit: new FileLog(auditLog),
    requireKeys: async () => {}, // whoever reads the files reads the key's file, too
    [Symbol.asyncDispose]: async () => {},
  };
}
