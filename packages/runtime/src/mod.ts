/**
 * What every app opens at its start. How a program reads its arguments and ends is in `@nmcp/runtime/cli`.
 *
 * @module
 */
export { openPolicy } from './open_policy.ts';
export {
  HOW_TO_POINT_AT_A_SCANNER,
  type OpenServicesOptions,
  openServices,
  secretKeys,
} from './open_services.ts';
