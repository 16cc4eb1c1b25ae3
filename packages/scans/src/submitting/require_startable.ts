import type { ReadyScanner } from '@nmcp/registry';
import { NmcpError, type PoolName } from '@nmcp/types';
import type { Services } from '../services.ts';

/**
 * Asks the scanners that could get a task whether they can start it, before anything is queued.
 *
 * @returns those that load at the moment, when all do: the scan begins when one is ready
 * @throws {NmcpError} `scan_api_unavailable` when the licences of all let no scan be started, with what to do instead
 */
export async function requireStartable(
  { registry }: Pick<Services, 'registry'>,
  pool: PoolName,
  instance: string | undefined,
): Promise<readonly ReadyScanner[]> {
  const { ready: scanners } = await registry.readiness(pool, instance);
  if (scanners.length === 0) return []; // none answers: what waits for it is queued
  const able = scanners.filter(({ startsScans }) => startsScans !== false);
  if (able.length === 0) throw unavailable(pool, scanners);
  return able.every(({ isLoading }) => isLoading) ? able : [];
}

function unavailable(pool: PoolName, scanners: readonly ReadyScanner[]): NmcpError {
  const named = scanners.map(
    ({ instance_id, product }) => `${instance_id}${product === '' ? '' : ` is ${product.slice(0, 60)}`}`,
  );
  return new NmcpError(
    'scan_api_unavailable',
    `No scanner of the pool ${pool} lets scans be started by its API (${named.join(', ')}; Nessus Essentials, Professional and Expert do not, Nessus Manager and Tenable Vulnerability Management do). Start the scan in the Nessus UI, and import it: it is followed, and its results are read, all the same`,
    { title: 'No scan API' },
  );
}
