import { isNmcpError } from '@nmcp/types';
import {
  downloadExport,
  type ExportRequest,
  type ExportTicket,
  getExportStatus,
  requestExport,
} from './api/exports.ts';
import { getScan, scanPhase } from './api/scan_details.ts';
import type { CallOptions } from './call.ts';
import type { DownloadOptions } from './download.ts';
import { NessusApiError } from './errors.ts';
import type { NessusClient } from './nessus_client.ts';
import { sleep } from './sleep.ts';

/** Options of {@linkcode exportScan}. */
export interface ExportOptions extends ExportRequest, DownloadOptions {
  /** Milliseconds until the first look at the file; each wait is 1.5 times the one before, up to 5 seconds. @default 100 */
  firstWaitMs?: number | undefined;
  /** Milliseconds for the scanner to write the file. @default 1800000 */
  maxWaitMs?: number | undefined;
  /** Times that an export which the scanner could not write or has forgotten is begun again. @default 3 */
  restarts?: number | undefined;
  /** Told before each wait how many milliseconds have been waited so far. */
  onWait?: ((waitedMs: number) => void) | undefined;
}

const MAX_WAIT_STEP_MS = 5000;
/** An export that the scanner could not write, or lost again and again: it says something of the scan, not of the scanner. */
export class ExportFailedError extends NessusApiError {
  constructor(scanId: number, why: string) {
    super('scanner_error', `The scanner ${why} of scan ${scanId}`, 200, `POST /scans/${scanId}/export`);
    this.name = 'ExportFailedError';
  }
}

/**
 * Asks for a file of a finished scan's results, waits until it is written, and streams it. An export that the scanner refuses
 * for a moment, could not write or has forgotten is begun again; a download that breaks off is taken up where it broke, and
 * its length is checked.
 *
 * @throws {ExportFailedError} `scanner_error` when the scanner cannot write it or takes longer than `maxWaitMs`
 * @throws {NmcpError} `scanner_error` when it sends another length than it said
 */
export async function exportScan(
  client: NessusClient,
  scanId: number,
  options: ExportOptions = {},
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const {
    firstWaitMs = 100,
    maxWaitMs = 1_800_000,
    restarts = 3,
    hash,
    onProgress,
    onWait,
    ...request
  } = options;
  const { signal, timeoutMs } = options;
  const waiting = new ExportWait({ firstWaitMs, maxWaitMs, onWait, signal });
  for (let begun = 1; ; begun++) {
    const ticket = await requestPatiently(client, scanId, request, waiting);
    const outcome = await untilWritten(client, ticket, { signal, timeoutMs }, waiting);
    if (outcome === 'ready') {
      try {
        return await downloadExport(client, ticket, { signal, timeoutMs, hash, onProgress });
      } catch (error) {
        if (!isNmcpError(error, 'not_found') || begun > restarts) throw error;
      }
    } else if (outcome === 'late')
      throw new ExportFailedError(scanId, `has not written the export after ${maxWaitMs} ms`);
    else if (begun > restarts)
      throw new ExportFailedError(
        scanId,
        `${outcome === 'error' ? 'could not write' : 'forgot'} the export, ${begun} times,`,
      );
    await waiting.step();
  }
}

/** Milliseconds for which 409 is waited out: a scan that has just ended can still be refused. */
const BUSY_MS = 60_000;
/** Milliseconds for which the scanner may not answer while it writes a file: what it has written would be lost. */
const SILENT_MS = 300_000;

async function requestPatiently(
  client: NessusClient,
  scanId: number,
  request: ExportRequest,
  waiting: ExportWait,
): Promise<ExportTicket> {
  const from = waiting.waitedMs;
  while (true) {
    try {
      return await requestExport(client, scanId, request);
    } catch (error) {
      const isBusy = error instanceof NessusApiError && error.httpStatus === 409;
      if (!isBusy || waiting.isOver || waiting.waitedMs - from >= BUSY_MS) throw error;
      if (await isRunning(client, scanId, request)) throw error;
    }
    await waiting.step();
  }
}

async function isRunning(client: NessusClient, scanId: number, { signal }: CallOptions): Promise<boolean> {
  const phase = scanPhase((await getScan(client, scanId, { signal })).info.status);
  return phase !== 'completed' && phase !== 'failed';
}

async function untilWritten(
  client: NessusClient,
  ticket: ExportTicket,
  options: CallOptions,
  waiting: ExportWait,
): Promise<'ready' | 'error' | 'forgotten' | 'late'> {
  let heardAt = waiting.waitedMs;
  while (true) {
    try {
      const status = await getExportStatus(client, ticket, options);
      if (status === 'ready' || status === 'error') return status;
      heardAt = waiting.waitedMs;
    } catch (error) {
      if (isNmcpError(error, 'not_found')) return 'forgotten';
      if (!isNmcpError(error, 'scanner_unreachable') || waiting.waitedMs - heardAt >= SILENT_MS) throw error;
    }
    if (waiting.isOver) return 'late';
    await waiting.step();
  }
}

interface WaitOptions {
  firstWaitMs: number;
  maxWaitMs: number;
  onWait: ExportOptions['onWait'];
  signal: AbortSignal | undefined;
}

/** Waits that grow, and how long they have taken together. */
class ExportWait {
  readonly #options: WaitOptions;
  #stepMs: number;
  waitedMs = 0;

  constructor(options: WaitOptions) {
    this.#options = options;
    this.#stepMs = options.firstWaitMs;
  }

  get isOver(): boolean {
    return this.waitedMs >= this.#options.maxWaitMs;
  }

  async step(): Promise<void> {
    const { onWait, signal } = this.#options;
    onWait?.(this.waitedMs);
    await sleep(this.#stepMs, signal);
    this.waitedMs += this.#stepMs;
    this.#stepMs = Math.min(this.#stepMs * 1.5, MAX_WAIT_STEP_MS);
  }
}
