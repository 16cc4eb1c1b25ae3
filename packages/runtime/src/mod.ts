/**
 * What every app opens when it starts. Arguments, errors and exit codes are in `@nmcp/runtime/cli`.
 *
 * @module
 */
export { configuredPools } from './configured_scanners.ts';
export { openPolicy } from './open_policy.ts';
export {
  HOW_TO_POINT_AT_A_SCANNER,
  type OpenServicesOptions,
  openServices,
} from './open_services.ts';
export { existingKeys, secretKeys } from './secret_keys.ts';
export { checkFiles, checkOpened } from './self_check/create_self_check.ts';
export { checkAuditLog } from './self_check/local_checks.ts';
export { checkTasks } from './self_check/service_checks.ts';
export { checkLines, logSelfCheck } from './self_check/tell_check.ts';
export { type CopyReport, copyState } from './state/copy_state.ts';
export { migrateDatabase } from './state/migrate_database.ts';
export { openState } from './state/open_state.ts';
export type { OpenStateOptions, State } from './state/state.ts';
