import { workerPointsOf } from '../points.mjs';

/** Of the workers; clocks are the machine's own here, so it is short. */
export const LEASE_MS = 4000;

export const SETTINGS = {
  LEASE_SECONDS: String(LEASE_MS / 1000),
  POLL_SECONDS: '0.5',
  SCANNER_CALL_SECONDS: '3',
  HOUSEKEEPING_INTERVAL_HOURS: String(3 / 3600),
  NESSUS_SCAN_RETENTION_HOURS: String(2 / 3600),
  SHUTDOWN_SECONDS: '5',
  LOG_LEVEL: 'info',
};

/** Steps of a worker at which it is stopped or killed: those that every scan passes. */
export const DISTURBED_POINTS = workerPointsOf('postgres').filter(
  (point) => !/http\.(?:login|stop)/.test(point),
);
