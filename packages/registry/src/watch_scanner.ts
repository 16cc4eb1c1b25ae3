import { isNmcpError, type Scanner } from '@nmcp/types';

/** Called with the outcome of a scanner's calls. */
export interface ScannerWatch {
  /** After a successful call that follows failures, or the first. */
  onSuccess: () => Promise<void>;
  /** After a call that the scanner did not answer, or failed through its own fault. */
  onFailure: () => Promise<void>;
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
      if (isNmcpError(error, 'scanner_unreachable')) {
        isSuspect = true;
        await onFailure();
      }
      throw error;
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
    describeScan: (scanId, options) => watched(scanner.describeScan(scanId, options)),
    inspect: (options) => watched(scanner.inspect(options)),
    close: () => scanner.close(),
  };
}
