/**
 * The latest moment at which a lease can end that was given before now; a later one tells that the clock was set back.
 * Workers may differ in the length of their leases. The scripts for Redis have the same rule.
 */
export function latestLeaseEnd(now: number, leaseMs: number): number {
  return now + Math.max(10 * leaseMs, 600_000);
}
