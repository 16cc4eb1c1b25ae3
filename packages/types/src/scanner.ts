import type { ScanRequest } from './scan_request.ts';

/** A scan's number on its scanner. */
export type ScannerScanId = number;

/**
 * What a scan is doing, in words that hold for every kind of scanner:
 * `queued` not started, `running`, `paused` by a person, `completed` with results, `failed` without.
 */
export type ScannerScanPhase = 'queued' | 'running' | 'paused' | 'completed' | 'failed';

/** What a scanner says of a scan. */
export interface ScannerScanStatus {
  phase: ScannerScanPhase;
  /** The scanner's own word, such as `processing`. */
  word: string;
  /** It was never started. */
  isNew: boolean;
  /** Whether the word is one of those that the scanner is known for. */
  isKnown: boolean;
  /** Percent of the work done, 0 to 100, whole; as last seen. */
  progress: number;
  /** Numbers of its runs that are known, the oldest first. */
  runs: readonly number[];
}

/** How to look at a scan. */
export interface ScannerStatusOptions extends ScannerCallOptions {
  /** How old the answer may be, in milliseconds, so that looks at several scans share a call. @default 0 */
  maxAgeMs?: number | undefined;
  /** The run that is meant. @default the last */
  runId?: number | undefined;
}

/** How to fetch results. */
export interface ScannerExportOptions extends ScannerCallOptions {
  /** The run that is meant. @default the last */
  runId?: number | undefined;
  /** Milliseconds that the scanner may take to write them. @default 1800000 */
  maxWaitMs?: number | undefined;
  /** Told from time to time how many milliseconds the scanner has been writing. */
  onWait?: ((waitedMs: number) => void) | undefined;
}

/** A scan in a scanner's list. */
export interface ScannerScanEntry {
  scanId: ScannerScanId;
  name: string;
  /** The scanner's own word. */
  word: string;
  /** Milliseconds; absent when the scanner does not say. */
  modifiedAt?: number | undefined;
}

/** A policy that was made for a scan of some plugins. */
export interface ScannerPolicy {
  policyId: number;
  /** It holds the marker of its scan. */
  name: string;
}

/** What a scan is called and aimed at. */
export interface ScannerScanDescription {
  name: string;
  /** Empty when the scanner does not say. */
  targets: string;
  /** The scanner's own word. */
  word: string;
  /** It was never started. */
  isNew: boolean;
}

/** What a scanner says of itself. */
export interface ScannerInspection {
  /** Such as `Nessus Manager`. */
  product: string;
  version: string;
  /** Name of its licence; empty when it does not say. */
  licence: string;
  /** Whether its licence lets the API start scans; `undefined` when it does not say. */
  startsScans: boolean | undefined;
  /** Version of the plugins; empty when it does not say. */
  plugins: string;
  /** When licence or plugin feed end, in milliseconds; absent when it does not say. */
  expiresAt?: number | undefined;
  /** What will work there, in sentences. */
  works: readonly string[];
  /** What will not, and why. */
  problems: readonly string[];
}

/** Whether a scanner can start scans. */
export interface ScannerReadiness {
  /** What it is, such as `Nessus Professional`; empty when it does not say. */
  product: string;
  /** Whether its licence lets the API start scans; `undefined` when it does not say. */
  startsScans: boolean | undefined;
  /** It is starting, or compiles its plugins. */
  isLoading: boolean;
  /** Percent of the loading done, where it says so. */
  progress?: number | undefined;
}

/** Options of calls that can take long. */
export interface ScannerCallOptions {
  /** Ends the call. */
  signal?: AbortSignal | undefined;
}

/** Options of calls that may be made once only. */
export interface ScannerOnceOptions extends ScannerCallOptions {
  /** Asked right before the call that counts: others can precede it, and take long. What it throws keeps it from being made. */
  confirm?: (() => Promise<void>) | undefined;
}

/**
 * A vulnerability scanner, as a worker sees it. One object stands for one entry of scanners.yaml.
 *
 * Methods throw `NmcpError`: `scanner_unreachable` (try again), `scanner_auth`, `scan_api_unavailable`,
 * `not_found` (no such scan), `scanner_error`.
 */
export interface Scanner {
  /** Creates a scan without starting it. Never call it again for one marker before {@linkcode findByMarker}. */
  createScan(request: ScanRequest, options?: ScannerOnceOptions): Promise<ScannerScanId>;
  /** Starts a scan. Starting one that runs or ran already does nothing. */
  launch(scanId: ScannerScanId, options?: ScannerOnceOptions): Promise<void>;
  /** Says what a scan is doing. */
  status(scanId: ScannerScanId, options?: ScannerStatusOptions): Promise<ScannerScanStatus>;
  /** Streams the results in the scanner's own format, .nessus XML for Nessus. */
  exportResults(scanId: ScannerScanId, options?: ScannerExportOptions): Promise<ReadableStream<Uint8Array>>;
  /** Stops a running scan. Stopping one that does not run does nothing. */
  stop(scanId: ScannerScanId, options?: ScannerCallOptions): Promise<void>;
  /** Removes a scan and its results from the scanner. Removing what is gone does nothing. */
  delete(scanId: ScannerScanId, options?: ScannerCallOptions): Promise<void>;
  /**
   * Finds the scans that were created with a marker, the oldest first. `name`, the scans' name, and `maxAgeMs`, how long ago
   * they can have been made, spare looking into others.
   */
  findByMarker(
    marker: string,
    options?: ScannerCallOptions & { name?: string; maxAgeMs?: number },
  ): Promise<ScannerScanId[]>;
  /** Whether a scan was created with a marker; false when it is gone. */
  hasMarker(scanId: ScannerScanId, marker: string, options?: ScannerCallOptions): Promise<boolean>;
  /** The scans that it has, newest first, also those that others made. */
  listScans(options?: ScannerCallOptions): Promise<ScannerScanEntry[]>;
  /** The policies that it has. */
  listPolicies(options?: ScannerCallOptions): Promise<ScannerPolicy[]>;
  /** Removes a policy. Removing what is gone does nothing. @throws {NmcpError} `conflict` while a scan uses it */
  deletePolicy(policyId: number, options?: ScannerCallOptions): Promise<void>;
  /** What a scan is called and aimed at. */
  describeScan(scanId: ScannerScanId, options?: ScannerCallOptions): Promise<ScannerScanDescription>;
  /** Whether it can start scans; needs no login. */
  readiness(options?: ScannerCallOptions): Promise<ScannerReadiness>;
  /** What it is, and whether it lets us in. */
  inspect(options?: ScannerCallOptions): Promise<ScannerInspection>;
  /** Ends the session with the scanner. */
  close(): Promise<void>;
}

/** Host and port of a scanner: what it is, in whichever pools, by whatever name. */
export function scannerAddress(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname.toLowerCase()}:${port || (protocol === 'http:' ? '80' : '443')}`;
}
