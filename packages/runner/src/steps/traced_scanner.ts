import { inSpan } from '@nmcp/telemetry';
import type { Scanner } from '@nmcp/types';

/** A scanner whose calls are spans. */
export function tracedScanner(scanner: Scanner, instance: string): Scanner {
  const span = <T>(call: string, action: () => Promise<T>): Promise<T> =>
    inSpan(`scanner ${call}`, { kind: 'client', attributes: { 'nmcp.scanner': instance } }, action);
  return {
    createScan: (request, options) => span('createScan', () => scanner.createScan(request, options)),
    launch: (scanId, options) => span('launch', () => scanner.launch(scanId, options)),
    status: (scanId, options) => span('status', () => scanner.status(scanId, options)),
    exportResults: (scanId, options) => span('exportResults', () => scanner.exportResults(scanId, options)),
    stop: (scanId, options) => span('stop', () => scanner.stop(scanId, options)),
    delete: (scanId, options) => span('delete', () => scanner.delete(scanId, options)),
    findByMarker: (marker, options) => span('findByMarker', () => scanner.findByMarker(marker, options)),
    hasMarker: (scanId, marker, options) =>
      span('hasMarker', () => scanner.hasMarker(scanId, marker, options)),
    listScans: (options) => span('listScans', () => scanner.listScans(options)),
    listPolicies: (options) => span('listPolicies', () => scanner.listPolicies(options)),
    deletePolicy: (policyId, options) => span('deletePolicy', () => scanner.deletePolicy(policyId, options)),
    describeScan: (scanId, options) => span('describeScan', () => scanner.describeScan(scanId, options)),
    readiness: (options) => span('readiness', () => scanner.readiness(options)),
    inspect: (options) => span('inspect', () => scanner.inspect(options)),
    close: () => scanner.close(),
  };
}
