/**
 * The scanners: their configuration, their adapters, their slots.
 *
 * @module
 */
export { createScannerRegistry } from './create_scanner_registry.ts';
export { poolStatus, withoutLogin } from './list_scanners.ts';
export { adaptNessus, createNessusScanner, type NessusScannerOptions } from './nessus_scanner.ts';
export {
  type ParseScannersOptions,
  parseScanners,
  readScanners,
  type ScannersFault,
} from './read_scanners.ts';
export { type RecordOptions, recordScanner } from './recording/record_scanner.ts';
export { parseScannerReport, type RecordedCall, type ScannerReport } from './recording/scanner_report.ts';
export type { PoolConfigs, ScannerConfig, ScannerTls } from './scanner_config.ts';
export type {
  AcquiredScanner,
  ReadyScanner,
  ScannerFactory,
  ScannerRegistry,
  ScannerRegistryOptions,
  SilentScanner,
} from './scanner_registry.ts';
