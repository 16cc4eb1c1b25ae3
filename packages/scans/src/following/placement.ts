import type { PoolName, Task } from '@nmcp/types';
import { whyWaiting } from '../checking/why_waiting.ts';
import type { Services } from '../services.ts';

/** Where a queued task would go now, and why it only waits. */
export interface Placement {
  /** The scanner that would be chosen; null when there is none, or it cannot be said. */
  scanner: string | null;
  /** Sentences; empty where it would run. */
  waits: readonly string[];
}

/** Milliseconds for which a placement is taken to be the same: many callers ask, and often. */
const KEPT_MS = 1000;

type Sources = Pick<Services, 'queue' | 'registry'>;
const kept = new WeakMap<Sources['registry'], Map<string, { at: number; placement: Promise<Placement> }>>();

/** Where a queued task would go now. A store that is away hides nothing: then it is not known. */
export function placementOf(
  sources: Sources,
  { scanner_pool: pool, scanner_instance_id: instance }: Pick<Task, 'scanner_pool' | 'scanner_instance_id'>,
): Promise<Placement> {
  const known =
    kept.get(sources.registry) ?? new Map<string, { at: number; placement: Promise<Placement> }>();
  kept.set(sources.registry, known);
  const key = JSON.stringify([pool, instance]);
  const last = known.get(key);
  if (last && performance.now() - last.at < KEPT_MS) return last.placement;
  const placement = look(sources, pool, instance);
  known.set(key, { at: performance.now(), placement });
  return placement;
}

async function look(sources: Sources, pool: PoolName, instance: string | null): Promise<Placement> {
  const [scanner, waits] = await Promise.all([
    instance ??
      sources.registry.preview(pool).then(
        (found) => found?.instance_id ?? null,
        () => null,
      ),
    whyWaiting(sources, pool, instance ?? undefined).catch((): string[] => []),
  ]);
  return { scanner, waits };
}
