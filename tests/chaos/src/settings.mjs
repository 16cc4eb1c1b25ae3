/** Seconds that pass for the processes under test in a real one. */
export const FACTOR = 10;

/**
 * What the settings of production say, in milliseconds, and what its constants are. All processes have these very values,
 * and clocks that run faster by one factor; so 60 s of a lease stay 60 s beside the 30 s of the client's limit.
 */
export const PRODUCTION = {
  leaseMs: 60_000,
  /** A worker looks for a task so often. */
  claimMs: 2000,
  clientMs: 30_000,
};

/** The only settings that differ from production's: what it does once an hour is done all the time. */
export const HURRIED = {
  HOUSEKEEPING_INTERVAL_HOURS: String(8 / 3600),
  NESSUS_SCAN_RETENTION_HOURS: String(10 / 3600),
  POLL_SECONDS: '5',
};

/** The scanners, both in one pool. */
export const SCANNERS = ['s1', 's2'];
