/**
 * The database of tasks, tokens, limits and the audit log, on PostgreSQL.
 *
 * @module
 */
export { DocumentVersions } from './document_versions.ts';
export {
  openMigrated,
  openStateDatabase,
  StateDatabase,
  type StateDatabaseOptions,
} from './state_database.ts';
export type { StateTables, TaskRow } from './tables.ts';
