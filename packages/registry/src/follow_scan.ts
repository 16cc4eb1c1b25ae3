import {
  getScan,
  isKnownStatus,
  type NessusClient,
  type ScanDetails,
  type ScanPhase,
  scanPhase,
  scanProgress,
} from '@nmcp/nessus-client';
import { isNmcpError, type ScannerScanStatus, type ScannerStatusOptions } from '@nmcp/types';
import { ScanStates } from './scan_states.ts';

/** Details are asked for at most this part of the time: those of a big scan take the scanner minutes. */
const PART = 20;
/** Milliseconds for which details that did not come are not asked for again. */
const NO_DETAILS_MS = 300_000;

interface Seen {
  /** When details may be asked for again, on `performance.now()`. */
  nextAt: number;
  progress: number;
  runs: number[];
}

/**
 * Follows scans by the scanner's list. Details are asked for as long as they come quickly, for the progress, and when the list
 * does not say enough: a scan that it does not have, a word that nobody knows, an end.
 */
export class ScanFollower {
  readonly #client: NessusClient;
  readonly #states: ScanStates;
  readonly #seen = new Map<number, Seen>();

  constructor(client: NessusClient) {
    this.#client = client;
    this.#states = new ScanStates(client);
  }

  /** @throws {NmcpError} `not_found` when neither the list nor the scanner has it */
  async status(scanId: number, options: ScannerStatusOptions = {}): Promise<ScannerScanStatus> {
    const { maxAgeMs = 0, runId, signal } = options;
    const listed = await this.#wordInList(scanId, maxAgeMs);
    const seen = this.#seen.get(scanId) ?? { nextAt: 0, progress: 0, runs: [] };
    this.#seen.set(scanId, seen);
    const isNeeded = listed === undefined || listed === '' || !isKnownStatus(listed);
    const details =
      isNeeded || (!isOver(listed) && performance.now() >= seen.nextAt)
        ? await this.#details(scanId, seen, { isNeeded, signal })
        : undefined;
    const word = wordOf(details, runId) ?? listed ?? '';
    const phase = isKnownStatus(word) || !details ? scanPhase(word) : phaseByFacts(details);
    if (phase === 'completed' || phase === 'failed') this.#seen.delete(scanId);
    return {
      phase,
      word,
      isNew: isUnstarted(word),
      isKnown: isKnownStatus(word),
      progress: phase === 'completed' ? 100 : seen.progress,
      runs: seen.runs,
    };
  }

  /** What the list says of a scan now; `undefined` when it does not have it, or cannot be had. */
  listed(scanId: number): Promise<string | undefined> {
    return this.#wordInList(scanId, 0);
  }

  /** A list that cannot be had, as one that is too long, leaves the details. */
  async #wordInList(scanId: number, maxAgeMs: number): Promise<string | undefined> {
    try {
      return await this.#states.wordOf(scanId, maxAgeMs);
    } catch (error) {
      if (isNmcpError(error, 'scanner_error')) return undefined;
      throw error;
    }
  }

  async #details(
    scanId: number,
    seen: Seen,
    { isNeeded, signal }: { isNeeded: boolean; signal: AbortSignal | undefined },
  ): Promise<ScanDetails | undefined> {
    const begun = performance.now();
    try {
      const details = await getScan(this.#client, scanId, { signal });
      const now = performance.now();
      seen.nextAt = now + PART * (now - begun);
      seen.progress = scanProgress(details);
      seen.runs = (details.history ?? []).map(({ history_id }) => history_id).sort((a, b) => a - b);
      return details;
    } catch (error) {
      if (isNeeded || signal?.aborted) throw error;
      seen.nextAt = performance.now() + NO_DETAILS_MS;
      return undefined;
    }
  }
}

/** Whether a word says that a scan has ended: its details would say nothing that is needed. */
function isOver(word: string): boolean {
  return ['completed', 'failed'].includes(scanPhase(word));
}

/** Whether a word is that of a scan that was never launched. */
export function isUnstarted(word: string): boolean {
  return word.trim().toLowerCase() === 'empty';
}

/** The word of one run of a scan: a later run may be under way. */
function wordOf(details: ScanDetails | undefined, runId: number | undefined): string | undefined {
  const ofRun = details?.history?.find(({ history_id }) => history_id === runId)?.status;
  return ofRun || details?.info.status || undefined;
}

/** What a scan is doing whose word nobody knows: one with an end has ended, and with all hosts done it is completed. */
function phaseByFacts(details: ScanDetails): ScanPhase {
  if (!details.info.scan_end) return 'running';
  return scanProgress(details) >= 100 ? 'completed' : 'failed';
}
