/**
 * A typed client of the Nessus REST API, on web standards only.
 *
 * @module
 */
export type { ApiKeys, NessusAuth, UserLogin } from './authentication.ts';
export {
  type CallContent,
  type CallOptions,
  createNessusClient,
  type Method,
  type NessusClient,
  type NessusClientOptions,
} from './client.ts';
export { getScanConfiguration, listScanTemplates, type ScanTemplate } from './editor.ts';
export { NessusApiError, ScanApiUnavailableError, ScannerUnreachableError } from './errors.ts';
export {
  downloadExport,
  type ExportOptions,
  type ExportTicket,
  exportScan,
  getExportStatus,
  requestExport,
} from './exports.ts';
export { findScanByMarker, type MarkerQuery } from './find_by_marker.ts';
export {
  createScan,
  deleteScan,
  getScan,
  launchScan,
  listScans,
  type NewScan,
  type ScanDetails,
  type ScanHost,
  type ScanListEntry,
  scanProgress,
  stopScan,
} from './scans.ts';
export {
  getServerProperties,
  getServerStatus,
  type ServerProperties,
  type ServerStatus,
  scanApiAvailable,
} from './server.ts';
