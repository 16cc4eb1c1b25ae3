import {
  createNessusClient,
  deletePolicy,
  deleteScan,
  exportScan,
  findScansByMarker,
  getScan,
  getServerProperties,
  getServerStatus,
  launchScan,
  listPolicies,
  listScans,
  NessusApiError,
  type NessusClient,
  scanHasMarker,
  stopScan,
} from '@nmcp/nessus-client';
import { createTrustingFetch } from '@nmcp/nessus-client/node';
import { isNmcpError, NmcpError, type Scanner } from '@nmcp/types';
import { isUnstarted, ScanFollower } from './follow_scan.ts';
import { limitCalls } from './limit_calls.ts';
import { ScanMaker } from './scan_maker.ts';
import type { ScannerConfig } from './scanner_config.ts';
import { saysOfScanner } from './watch_scanner.ts';

/** Milliseconds that a scanner may take to compile its plugins. */
const READY_WAIT_MS = 1_200_000;

/** Options of {@linkcode createNessusScanner}. */
export interface NessusScannerOptions {
  /** Milliseconds that the scanner has to answer a call. @default 30000 */
  timeoutMs?: number | undefined;
}

/** Makes the adapter of a Nessus scanner. */
export function createNessusScanner(
  config: ScannerConfig,
  { timeoutMs }: NessusScannerOptions = {},
): Scanner {
  const { ca_file, ...trust } = config.tls;
  const { fetch, close } = createTrustingFetch({ caFile: ca_file, ...trust });
  // the runner has its own retries, and a circuit breaker that must see every failure
  const client = createNessusClient({
    url: config.url,
    auth: config.auth,
    fetch: limitCalls(fetch, config.limits),
    retry: { tries: 1 },
    readyWaitMs: READY_WAIT_MS,
    timeoutMs,
  });
  return adaptNessus(client, close, config);
}

/** A Nessus client as a {@linkcode Scanner}. */
export function adaptNessus(
  client: NessusClient,
  onClose: () => Promise<void> = async () => {},
  config: Pick<ScannerConfig, 'scan' | 'escalation' | 'snmp_v3'> = {},
): Scanner {
  const follower = new ScanFollower(client);
  const maker = new ScanMaker(client, config);

  return {
    createScan: (request, options = {}) => maker.create(request, options),
    async launch(scanId, { signal, confirm } = {}) {
      const { isNew } = await follower.status(scanId, { signal }).catch((error: unknown) => {
        // an odd answer to the question has not refused the launch
        if (!isNmcpError(error, 'scanner_error')) throw error;
        throw new NmcpError('scanner_unreachable', error.message, { cause: error });
      });
      if (!isNew) return;
      await launchScan(client, scanId, { signal, beforeSend: confirm }).catch((error: unknown) => {
        // it runs already: the answer to an earlier launch got lost
        if (!hasStatus(error, 409)) throw error;
      });
    },
    status: (scanId, options) => follower.status(scanId, options),
    exportResults: (scanId, { signal, runId, maxWaitMs, onWait } = {}) =>
      exportScan(client, scanId, { signal, historyId: runId, maxWaitMs, onWait }),
    async stop(scanId, { signal } = {}) {
      try {
        await stopScan(client, scanId, { signal });
      } catch (error) {
        if (!hasStatus(error, 409)) throw error; // it does not run
      }
    },
    async delete(scanId, { signal } = {}) {
      await deleteScan(client, scanId, { signal }).catch((error: unknown) => {
        if (!isNmcpError(error, 'not_found')) throw error;
      });
    },
    findByMarker: (marker, { signal, name, maxAgeMs } = {}) =>
      findScansByMarker(client, { marker, name, maxAgeMs }, { signal }),
    async hasMarker(scanId, marker, { signal } = {}) {
      return await scanHasMarker(client, scanId, marker, { signal }).catch((error: unknown) => {
        if (isNmcpError(error, 'not_found')) return false;
        throw error;
      });
    },
    async listScans({ signal } = {}) {
      const scans = await listScans(client, {}, { signal });
      return scans
        .map(({ id, name, status, last_modification_date: seconds }) => ({
          scanId: id,
          name,
          word: status,
          ...(seconds ? { modifiedAt: seconds * 1000 } : {}),
        }))
        .sort((a, b) => (b.modifiedAt ?? 0) - (a.modifiedAt ?? 0) || b.scanId - a.scanId);
    },
    async listPolicies({ signal } = {}) {
      const policies = await listPolicies(client, { signal });
      return policies.map(({ id, name }) => ({ policyId: id, name }));
    },
    async deletePolicy(policyId, { signal } = {}) {
      await deletePolicy(client, policyId, { signal }).catch((error: unknown) => {
        if (isNmcpError(error, 'not_found')) return;
        // https://developer.tenable.com: 405 "if policy is in use by a scan"
        if (!hasStatus(error, 405, 409)) throw error;
        throw new NmcpError('conflict', `The policy ${policyId} is in use by a scan`, { cause: error });
      });
    },
    async describeScan(scanId, { signal } = {}) {
      const listed = await follower.listed(scanId);
      try {
        const { name, targets, status } = (await getScan(client, scanId, { signal })).info;
        return { name: name ?? '', targets: targets ?? '', word: status, isNew: isUnstarted(status) };
      } catch (error) {
        // the details of a big scan can take longer than a call may, or be longer than an answer may;
        // an odd answer says nothing about the scan, but that it is gone or may not be seen does
        if (listed === undefined || signal?.aborted || saysOfScanner(error)) throw error;
        if (!(error instanceof NmcpError) || hasStatus(error, 403, 404)) throw error;
        return { name: '', targets: '', word: listed, isNew: isUnstarted(listed) };
      }
    },
    async readiness({ signal } = {}) {
      const { status, progress } = await getServerStatus(client, { signal });
      const { nessus_type, license } = await getServerProperties(client, { signal });
      return {
        product: nessus_type ?? '',
        startsScans: startsScansOf(license?.features?.scan_api),
        isLoading: status === 'loading',
        progress: progress ?? undefined,
      };
    },
    async inspect({ signal } = {}) {
      const { status, progress } = await getServerStatus(client, { signal });
      const properties = await getServerProperties(client, { signal });
      await listScans(client, {}, { signal }); // the properties need no login, the scans do
      const { nessus_type, server_version, license, loaded_plugin_set, expiration } = properties;
      const product = nessus_type ?? 'Nessus';
      const startsScans = startsScansOf(license?.features?.scan_api);
      const { works, problems } = await maker.check(signal);
      if (startsScans === false)
        problems.unshift(
          `${product} cannot start scans by API: start them in its user interface and import them`,
        );
      if (status === 'loading')
        problems.unshift(
          `It is starting or compiles its plugins${progress == null ? '' : `, ${progress} % done`}: scans wait for it`,
        );
      return {
        product,
        version: server_version ?? '',
        licence: license?.name ?? license?.type ?? '',
        startsScans,
        plugins: loaded_plugin_set ?? '',
        ...(expiration ? { expiresAt: expiration * 1000 } : {}),
        works: ['It lets us in, and lists its scans', ...works],
        problems,
      };
    },
    async close() {
      await client.close().catch(() => {}); // a session that cannot be ended idles out
      await onClose();
    },
  };
}

/** Whether the scanner answered with one of these; 409 says that a scan is not in the state for that. */
function hasStatus(error: unknown, ...statuses: number[]): boolean {
  return error instanceof NessusApiError && statuses.includes(error.httpStatus);
}

/** Whether the licence lets scans be started by API; undefined when it does not say. */
function startsScansOf(said: unknown): boolean | undefined {
  return typeof said === 'boolean' ? said : undefined;
}
