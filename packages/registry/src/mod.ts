/**
 * The scanners: their configuration, their adapters, their slots.
 *
 * @module
 */
export { adaptNessus, createNessusScanner } from './nessus_scanner.ts';
export { type ParseScannersOptions, parseScanners, readScanners } from './read_scanners.ts';
export type { PoolConfigs, ScannerConfig, ScannerTls } from './scanner_config.ts';
export {
  type AcquiredScanner,
  createScannerRegistry,
  type ScannerFactory,
  type ScannerRegistry,
  type ScannerRegistryOptions,
  withoutLogin,
} from './scanner_registry.ts';
