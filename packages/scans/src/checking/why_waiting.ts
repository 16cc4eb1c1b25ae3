import type { PoolName } from '@nmcp/types';
import type { Services } from '../services.ts';
import { checkWorkers } from './check_workers.ts';
import { adviceOn } from './inspect_scanners.ts';

/**
 * Why a task that is queued now would only wait: there is no worker, or no scanner that could take it.
 *
 * @returns sentences with what to do; empty where it would run
 */
export async function whyWaiting(
  { queue, registry }: Pick<Services, 'queue' | 'registry'>,
  pool: PoolName,
  instance: string | undefined,
): Promise<string[]> {
  const [workers, scanners, { ready, silent }] = await Promise.all([
    checkWorkers({ queue }, [pool]),
    registry.list(pool),
    registry.readiness(pool, instance),
  ]);
  const able = scanners.filter(
    ({ enabled, instance_id }) => enabled && (instance === undefined || instance_id === instance),
  );
  const inService = able.filter(({ drained }) => !drained);
  return [
    ...workers
      .filter(({ state }) => state !== 'ok')
      .map(({ detail, advice }) => `${sentence(detail)} ${advice}.`),
    ...(able.length > 0 && inService.length === 0
      ? [`${named(able)} is drained. nmcp-admin scanners resume puts it back into service.`]
      : []),
    ...(ready.length === 0 && inService.length > 0
      ? silent.map(
          ({ instance_id, problem }) =>
            `The scanner ${instance_id} does not answer: ${problem}. ${adviceOn(problem)}.`,
        )
      : []),
  ];
}

function named(scanners: readonly { instance_id: string }[]): string {
  return scanners.length === 1 ? `The scanner ${scanners[0]?.instance_id}` : 'Every scanner of the pool';
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
