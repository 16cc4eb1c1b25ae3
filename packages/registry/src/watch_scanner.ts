import { ScannerUnreachableError } from '@nmcp/nessus-client';
import { isNmcpError, messageOf, NmcpError, type Scanner } from '@nmcp/types';

/** Called with the outcome of a scanner's calls. */
export interface ScannerWatch {
  /** After a successful call that follows failures, or the first. */
  onSuccess: () => Promise<void>;
  /** After a call that the scanner did not answer, or failed through its own fault. */
  onFailure: (reason: string) => Promise<void>;
}

/** Calls about one scan, one export or one file. */
const ABOUT_ONE = /^[A-Z]+ \/(?:scans\/\d|editor\/|tokens\/)/;

/**
 * Whether a failure says something of the scanner, and not of one scan: a big one whose details take minutes, or a report that
 * cannot be written. A scanner that has enough to do (429) is well.
 */
export function saysOfScanner(error: unknown): boolean {
  if (!isNmcpError(error, 'scanner_unreachable')) return false;
  const { httpStatus, endpoint = '', timedOut = false } = error as NmcpError & FailedCall; // each may be missing
  if (httpStatus === 429) return false;
  return !((httpStatus !== undefined || timedOut) && ABOUT_ONE.test(endpoint));
}

/** Of a certificate that is not trusted: the settings that name one. */
function namingSettings(error: unknown): unknown {
  if (!(error instanceof ScannerUnreachableError && error.untrusted)) return error;
  const settings = 'tls.ca_file or tls.fingerprint in scanners.yaml; NESSUS_CA_FILE or NESSUS_FINGERPRINT';
  return new NmcpError('scanner_unreachable', `${error.message}: ${settings}`, { cause: error });
}

/** What errors of adapters say of the call. */
interface FailedCall {
  httpStatus?: number;
  /** Method and path. */
  endpoint?: string;
  timedOut?: boolean;
}

/** A scanner whose calls are watched for its circuit breaker. A caller's mistake does not count as its failure. */
export function watchScanner(scanner: Scanner, { onSuccess, onFailure }: ScannerWatch): Scanner {
  let isSuspect = true;

  async function watched<T>(call: Promise<T>): Promise<T> {
    try {
      const answer = await call;
      if (isSuspect) await onSuccess();
      isSuspect = false;
      return answer;
    } catch (error) {
      if (saysOfScanner(error)) {
        isSuspect = true;
        await onFailure(messageOf(namingSettings(error)).replaceAll(/\p{C}+/gu, ' '));
      }
      throw namingSettings(error);
    }
  }

  return {
    createScan: (request, options) => watched(scanner.createScan(request, options)),
    launch: (scanId, options) => watched(scanner.launch(scanId, options)),
    status: (scanId, options) => watched(scanner.status(scanId, options)),
    exportResults: (scanId, options) => watched(scanner.exportResults(scanId, options)),
    stop: (scanId, options) => watched(scanner.stop(scanId, options)),
    delete: (scanId, options) => watched(scanner.delete(scanId, options)),
    findByMarker: (marker, options) => watched(scanner.findByMarker(marker, options)),
    hasMarker: (scanId, marker, options) => watched(scanner.hasMarker(scanId, marker, options)),
    listScans: (options) => watched(scanner.listScans(options)),
    listPolicies: (options) => watched(scanner.listPolicies(options)),
    deletePolicy: (policyId, options) => watched(scanner.deletePolicy(policyId, options)),
    describeScan: (scanId, options) => watched(scanner.describeScan(scanId, options)),
    readiness: (options) => scanner.readiness(options), // asked ahead of a scan, and no call of one
    inspect: (options) => watched(scanner.inspect(options)),
    close: () => scanner.close(),
  };
}
