import {
  createNessusClient,
  createScan,
  deleteScan,
  exportScan,
  findScanByMarker,
  getScan,
  launchScan,
  listScanTemplates,
  type NessusClient,
  type NewScan,
  scanProgress,
  stopScan,
} from '@nmcp/nessus-client';
import {
  isNmcpError,
  NmcpError,
  type ScanCredentials,
  type Scanner,
  type ScannerScanPhase,
  type ScanRequest,
} from '@nmcp/types';
import type { ScannerConfig } from './scanner_config.ts';
import { createTrustingFetch } from './trusting_fetch.ts';

/** Nessus's status words. Source: the API's documentation of GET /scans. */
const PHASES: Readonly<Record<string, ScannerScanPhase>> = {
  empty: 'queued',
  pending: 'queued',
  running: 'running',
  processing: 'running', // the results are still being written
  pausing: 'running',
  resuming: 'running',
  stopping: 'running',
  paused: 'paused',
  completed: 'completed',
  imported: 'completed',
  stopped: 'failed',
  canceled: 'failed',
  aborted: 'failed',
};

/** Template of every scan: all checks, nothing recommended away. */
const TEMPLATE = 'advanced';

/** Makes the adapter of a Nessus scanner. */
export function createNessusScanner(config: ScannerConfig): Scanner {
  const connection = createTrustingFetch(config.tls);
  return adaptNessus(
    createNessusClient({ url: config.url, auth: config.auth, fetch: connection.fetch }),
    connection.close,
  );
}

/** A Nessus client as a {@linkcode Scanner}. */
export function adaptNessus(client: NessusClient, onClose: () => Promise<void> = async () => {}): Scanner {
  let templateUuid: string | undefined;

  async function findTemplate(signal: AbortSignal | undefined): Promise<string> {
    const templates = await listScanTemplates(client, { signal });
    const template = templates.find((candidate) => candidate.name === TEMPLATE);
    if (!template)
      throw new NmcpError(
        'scanner_error',
        `The scanner has no scan template ${TEMPLATE}; it has ${templates.map((t) => t.name).join(', ')}`,
      );
    return template.uuid;
  }

  async function statusWord(scanId: number, signal: AbortSignal | undefined): Promise<string> {
    return (await getScan(client, scanId, { signal })).info.status;
  }

  return {
    async createScan(request, { signal } = {}) {
      templateUuid ??= await findTemplate(signal);
      return await createScan(client, newScan(templateUuid, request), { signal });
    },
    async launch(scanId, { signal } = {}) {
      if ((await statusWord(scanId, signal)) !== 'empty') return;
      await launchScan(client, scanId, { signal });
    },
    async status(scanId, { signal } = {}) {
      const details = await getScan(client, scanId, { signal });
      const word = details.info.status;
      const phase = PHASES[word] ?? 'running'; // a word of a newer version: wait and see, the time limit ends it
      return { phase, word, progress: phase === 'completed' ? 100 : scanProgress(details) };
    },
    exportResults: (scanId, { signal } = {}) => exportScan(client, scanId, { signal }),
    async stop(scanId, { signal } = {}) {
      try {
        await stopScan(client, scanId, { signal });
      } catch (error) {
        if (!isNotRunning(error)) throw error;
      }
    },
    async delete(scanId, { signal } = {}) {
      await deleteScan(client, scanId, { signal }).catch((error: unknown) => {
        if (!isNmcpError(error, 'not_found')) throw error;
      });
    },
    findByMarker: (marker, { signal, name } = {}) => findScanByMarker(client, { marker, name }, { signal }),
    async close() {
      await client.close().catch(() => {}); // a session that cannot be ended idles out
      await onClose();
    },
  };
}

/** 409 says that a scan does not run. */
function isNotRunning(error: unknown): boolean {
  return error instanceof Error && 'httpStatus' in error && error.httpStatus === 409;
}

function newScan(uuid: string, request: ScanRequest): NewScan {
  const { targets, name, description, marker, credentials } = request;
  return {
    uuid,
    settings: {
      name,
      text_targets: targets,
      description: [description, `[${marker}]`].filter(Boolean).join(' '),
      enabled: true,
    },
    ...(credentials ? { credentials: { add: { Host: { SSH: [sshEntry(credentials)] } } } } : {}),
  };
}

function sshEntry(credentials: ScanCredentials): Record<string, unknown> {
  const {
    auth_method,
    username,
    password,
    elevate_privileges_with,
    escalation_account,
    escalation_password,
  } = credentials;
  return {
    auth_method,
    username,
    password,
    elevate_privileges_with,
    ...(escalation_account === undefined ? {} : { escalation_account }),
    ...(escalation_password === undefined ? {} : { escalation_password }),
  };
}
