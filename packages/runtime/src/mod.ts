/**
 * What every app opens at its start, and how it ends.
 *
 * @module
 */
export { runApp, untilStopped } from './exit.ts';
export {
  HOW_TO_POINT_AT_A_SCANNER,
  type OpenServices,
  type OpenServicesOptions,
  openServices,
} from './open_services.ts';
