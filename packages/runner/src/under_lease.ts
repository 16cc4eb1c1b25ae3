import type { TaskQueue } from '@nmcp/queue';

/** What a lease needs. */
export interface LeaseOptions {
  queue: Pick<TaskQueue, 'slots'>;
  /** Name of this process that no other has. */
  consumer: string;
  /** Milliseconds after which another one takes over when this one is gone. @default 60000 */
  leaseMs?: number | undefined;
}

const LEASE_MS = 60_000;

/**
 * Does something while nobody else does it: under a slot like those of scanners, of which there is one.
 *
 * @param action gets a signal that says when the lease is lost
 * @returns `undefined` when somebody else is at it
 */
export async function underLease<T>(
  name: string,
  { queue: { slots }, consumer, leaseMs = LEASE_MS }: LeaseOptions,
  action: (lost: AbortSignal) => Promise<T>,
): Promise<{ value: T } | undefined> {
  if (!(await slots.acquire(name, consumer, 1, leaseMs))) return undefined;
  const lost = new AbortController();
  const renewal = setInterval(() => {
    slots.acquire(name, consumer, 1, leaseMs).then(
      (held) => held || lost.abort(),
      () => lost.abort(), // without the store nobody knows whether it still holds
    );
  }, leaseMs / 3);
  try {
    return { value: await action(lost.signal) };
  } finally {
    clearInterval(renewal);
    await slots.release(name, consumer);
  }
}
