import { dirname } from 'node:path';
import { FileTokens, Tokens } from '@nmcp/access';
import { FileLog } from '@nmcp/audit';
import type { Settings } from '@nmcp/settings';
import { createTaskStore, type ResultFiles, requireHardLinks } from '@nmcp/tasks';
import { isNmcpError } from '@nmcp/types';
import { requireWhole } from './copy_mark.ts';
import type { OpenStateOptions, State } from './state.ts';

/** The settings that say where. */
export type StateSettings = Pick<Settings, 'dataDir' | 'auditLog' | 'tokensFile' | 'tasksUrl' | 'results'>;

/**
 * Opens the state.
 *
 * @throws {NmcpError} `invalid_config` for a folder that cannot hold tasks, tokens or the audit log, or a wrong database, or
 *   what a copy has not finished; `unavailable` when a database does not answer
 */
export async function openState(settings: StateSettings, options: OpenStateOptions = {}): Promise<State> {
  // the libraries are hundreds of files, which whoever has no bucket and no database need not wait for
  const bucket =
    settings.results &&
    (await (await import('./open_result_bucket.ts')).openResultBucket(settings.results, settings.dataDir));
  const opened = await openBackend(settings, bucket?.files, options);
  const state: State = {
    ...opened,
    bucket,
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      bucket?.close();
    },
  };
  try {
    // a folder that cannot be read is told by whoever looks at it for its own sake
    if (!options.copies)
      await requireWhole(state.tasks).catch((error: unknown) => {
        if (!options.onlyReads || !isNmcpError(error, 'storage')) throw error;
      });
    return state;
  } catch (error) {
    await state[Symbol.asyncDispose]();
    throw error;
  }
}

async function openBackend(
  settings: StateSettings,
  files: ResultFiles | undefined,
  options: OpenStateOptions,
): Promise<State> {
  if (settings.tasksUrl === undefined) return await openFiles(settings, files, options);
  const { openDatabase } = await import('./open_database.ts');
  return await openDatabase({ url: settings.tasksUrl, dataDir: settings.dataDir, files }, options);
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
  const tokenVersions = new FileTokens(tokensFile);
  return {
    tasks: createTaskStore({ dataDir, results, onlyReads, ...(onDamaged ? { onDamaged } : {}) }),
    tokens: new Tokens(tokenVersions),
    tokenVersions,
    audit: new FileLog(auditLog),
    requireKeys: async () => {}, // whoever reads the files reads the key's file, too
    requireOneQueue: async () => {}, // the embedded one is beside them
    [Symbol.asyncDispose]: async () => {},
  };
}
