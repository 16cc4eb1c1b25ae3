import { dirname } from 'node:path';
import { openTokenFile } from '@nmcp/access';
import { FileLog } from '@nmcp/audit';
import type { Settings } from '@nmcp/settings';
import { createTaskStore, requireHardLinks } from '@nmcp/tasks';
import type { OpenStateOptions, State } from './state.ts';

/** The settings that say where. */
export type StateSettings = Pick<Settings, 'dataDir' | 'auditLog' | 'tokensFile' | 'tasksUrl'>;

/**
 * Opens the state.
 *
 * @throws {NmcpError} `invalid_config` for a folder that cannot hold tasks, tokens or the audit log, or a wrong database;
 *   `unavailable` when that does not answer
 */
export async function openState(settings: StateSettings, options: OpenStateOptions = {}): Promise<State> {
  if (settings.tasksUrl === undefined) return await openFiles(settings, options);
  // the libraries are 300 files, which whoever has no database need not wait for
  const { openDatabase } = await import('./open_database.ts');
  return await openDatabase({ ...settings, url: settings.tasksUrl }, options);
}

async function openFiles(
  { dataDir, auditLog, tokensFile }: StateSettings,
  { onlyReads = false, onDamaged }: OpenStateOptions,
): Promise<State> {
  if (!onlyReads) {
    await requireHardLinks(dataDir);
    await requireHardLinks(dirname(auditLog), { name: 'the folder of AUDIT_LOG' });
    await requireHardLinks(dirname(tokensFile), { name: 'the folder of TOKENS_FILE' });
  }
  return {
    tasks: createTaskStore({ dataDir, ...(onDamaged ? { onDamaged } : {}) }),
    tokens: openTokenFile(tokensFile),
    audit: new FileLog(auditLog),
    requireKeys: async () => {}, // whoever reads the files reads the key's file, too
    [Symbol.asyncDispose]: async () => {},
  };
}
