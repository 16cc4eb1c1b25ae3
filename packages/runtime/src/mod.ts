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
  secretKeys,
} from './open_services.ts';
