import {
  createNessusClient,
  createScan,
  credentialSet,
  deleteScan,
  exportScan,
  findScansByMarker,
  findTemplate,
  getScan,
  getServerProperties,
  type Logins,
  launchScan,
  listScans,
  NessusApiError,
  type NessusClient,
  type NewScan,
  type SnmpV3Login,
  type SshEscalation,
  type SshLogin,
  scanHasMarker,
  stopScan,
  TemplateNotFoundError,
  type WindowsLogin,
  withMarker,
} from '@nmcp/nessus-client';
import { createTrustingFetch } from '@nmcp/nessus-client/node';
import {
  isNmcpError,
  NmcpError,
  type ScanCredentials,
  type Scanner,
  type ScannerOnceOptions,
  type ScanRequest,
  type SnmpV3Credentials,
  type SshPasswordCredentials,
  type WindowsPasswordCredentials,
} from '@nmcp/types';
import { isUnstarted, ScanFollower } from './follow_scan.ts';
import type { ScannerConfig } from './scanner_config.ts';

/** Template of every scan: all checks. */
const TEMPLATE = 'advanced';
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
    fetch,
    retry: { tries: 1 },
    readyWaitMs: READY_WAIT_MS,
    timeoutMs,
  });
  return adaptNessus(client, close);
}

/** A Nessus client as a {@linkcode Scanner}. */
export function adaptNessus(client: NessusClient, onClose: () => Promise<void> = async () => {}): Scanner {
  const follower = new ScanFollower(client);
  let templateUuid: string | undefined;

  async function requireTemplate(signal: AbortSignal | undefined): Promise<string> {
    try {
      return (await findTemplate(client, 'scan', TEMPLATE, { signal })).uuid;
    } catch (error) {
      if (!(error instanceof TemplateNotFoundError)) throw error;
      // it is not the caller's input that was not found: the scanner lacks what every Nessus has
      throw new NmcpError(
        'scanner_error',
        `The scanner has no scan template ${TEMPLATE}; available are: ${error.available.join(', ')}`,
      );
    }
  }

  /** An upgrade changes the numbers of templates; what is refused with 400 has created nothing. */
  async function createFromTemplate(
    request: ScanRequest,
    { signal, confirm }: ScannerOnceOptions,
  ): Promise<number> {
    const create = async (uuid: string): Promise<number> => {
      await confirm?.();
      return await createScan(client, newScan(uuid, request), { signal });
    };
    const known = templateUuid;
    templateUuid ??= await requireTemplate(signal);
    try {
      return await create(templateUuid);
    } catch (error) {
      if (known === undefined || !hasStatus(error, 400, 404)) throw error;
      templateUuid = await requireTemplate(signal);
      if (templateUuid === known) throw error;
      return await create(templateUuid);
    }
  }

  return {
    createScan: (request, options = {}) => createFromTemplate(request, options),
    async launch(scanId, { signal, confirm } = {}) {
      if (!(await follower.status(scanId, { signal })).isNew) return;
      await confirm?.();
      await launchScan(client, scanId, { signal }).catch((error: unknown) => {
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
    async describeScan(scanId, { signal } = {}) {
      const { name, targets, status } = (await getScan(client, scanId, { signal })).info;
      return { name: name ?? '', targets: targets ?? '', word: status, isNew: isUnstarted(status) };
    },
    async inspect({ signal } = {}) {
      const properties = await getServerProperties(client, { signal });
      await listScans(client, {}, { signal }); // the properties need no login, the scans do
      const { nessus_type, server_version, license, loaded_plugin_set, expiration } = properties;
      const startsScans = license?.features?.scan_api;
      return {
        product: nessus_type ?? 'Nessus',
        version: server_version ?? '',
        licence: license?.name ?? license?.type ?? '',
        startsScans: typeof startsScans === 'boolean' ? startsScans : undefined,
        plugins: loaded_plugin_set ?? '',
        ...(expiration ? { expiresAt: expiration * 1000 } : {}),
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

function newScan(uuid: string, request: ScanRequest): NewScan {
  const { targets, name, description, marker, credentials } = request;
  return {
    uuid,
    settings: {
      name,
      text_targets: targets,
      description: withMarker(description, marker),
      enabled: true,
    },
    ...(credentials ? { credentials: credentialSet(loginsOf(credentials)) } : {}),
  };
}

function loginsOf(credentials: ScanCredentials): Logins {
  if (credentials.type === 'ssh') return { ssh: [sshLogin(credentials)] };
  const { ssh, windows, snmp_v3: snmp } = credentials;
  return {
    ...(ssh ? { ssh: [sshLogin(ssh)] } : {}),
    ...(windows ? { windows: [windowsLogin(windows)] } : {}),
    ...(snmp ? { snmpV3: [snmpLogin(snmp)] } : {}),
  };
}

function sshLogin(credentials: SshPasswordCredentials): SshLogin {
  const { username, password } = credentials;
  return { auth: 'password', username, password, escalation: escalationOf(credentials) };
}

/** v3.0's three fields; the client rejects a method that needs more. */
function escalationOf(credentials: SshPasswordCredentials): SshEscalation {
  const {
    elevate_privileges_with: method,
    escalation_account: account,
    escalation_password: password,
  } = credentials;
  const fields = { method, account, password, ...(method === 'su+sudo' ? { suUser: account ?? '' } : {}) };
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as unknown as SshEscalation; // checked by credentialSet
}

function windowsLogin({ username, password, domain }: WindowsPasswordCredentials): WindowsLogin {
  return { auth: 'Password', username, password, ...(domain === undefined ? {} : { domain }) };
}

function snmpLogin(credentials: SnmpV3Credentials): SnmpV3Login {
  const {
    username,
    auth_algorithm: authAlgorithm = 'SHA-256',
    auth_password: authPassword,
    privacy_algorithm: privacyAlgorithm = 'AES',
    privacy_password: privacyPassword,
  } = credentials;
  if (authPassword === undefined) return { level: 'No authentication and no privacy', username };
  const authenticated = { username, authAlgorithm, authPassword };
  return privacyPassword === undefined
    ? { level: 'Authentication without privacy', ...authenticated }
    : { level: 'Authentication and privacy', ...authenticated, privacyAlgorithm, privacyPassword };
}
