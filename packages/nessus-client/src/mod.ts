/**
 * A typed client of the Nessus REST API, on web standards only. What trusts a scanner's own certificate in Node is in
 * `@nmcp/nessus-client/node`.
 *
 * @module
 */

export * from './api/agent_groups.ts';
export * from './api/agents.ts';
export * from './api/editor.ts';
export * from './api/exports.ts';
export {
  findScanByMarker,
  findScansByMarker,
  type MarkerQuery,
  scanHasMarker,
  withMarker,
} from './api/find_by_marker.ts';
export { findTemplate } from './api/find_template.ts';
export * from './api/folders.ts';
export * from './api/groups.ts';
export * from './api/imports.ts';
export * from './api/mail.ts';
export * from './api/permissions.ts';
export * from './api/plugin_rules.ts';
export * from './api/plugins.ts';
export * from './api/policies.ts';
export * from './api/proxy.ts';
export * from './api/scan_details.ts';
export * from './api/scanners.ts';
export * from './api/scans.ts';
export * from './api/schedules.ts';
export * from './api/server.ts';
export * from './api/session.ts';
export * from './api/settings.ts';
export * from './api/tokens.ts';
export * from './api/users.ts';
export type { ApiKeys, NessusAuth, UserLogin } from './authentication.ts';
export type { CallContent, CallOptions, Method } from './call.ts';
export { createNessusClient } from './create_nessus_client.ts';
export {
  type CredentialSet,
  credentialSet,
  type Logins,
  type SnmpV3Login,
  type SshEscalation,
  type SshLogin,
  type WindowsLogin,
} from './credentials.ts';
export type { DownloadOptions } from './download.ts';
export {
  NessusApiError,
  ScanApiUnavailableError,
  ScannerUnreachableError,
  TemplateNotFoundError,
} from './errors.ts';
export { ExportFailedError, type ExportOptions, exportScan } from './export_scan.ts';
export type { NessusClient, NessusClientOptions } from './nessus_client.ts';
export type { RetryOptions } from './retry.ts';
export {
  attachScan,
  type RunScanOptions,
  runScan,
  type ScanHandle,
  type ScanUpdate,
  type WatchOptions,
  watchScan,
} from './run_scan.ts';

// last, since in front it makes bundles larger

export { NmcpError } from '@nmcp/types';
