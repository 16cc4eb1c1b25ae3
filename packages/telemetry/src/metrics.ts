import { SCAN_TYPES } from '@nmcp/types';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { createGauges, type GaugeReading } from './gauges.ts';

/** The metrics of Nessus MCP: `nessus_` ones with v3.0's names and labels, new `nmcp_` ones, and Node's. */
export interface Metrics {
  readonly registry: Registry;
  readonly scans: Counter<'scan_type' | 'status'>;
  readonly apiRequests: Counter<'tool' | 'status'>;
  readonly ttlDeletions: Counter;
  readonly validations: Counter<'pool' | 'result'>;
  readonly validationFailures: Counter<'pool' | 'reason'>;
  readonly authFailures: Counter<'pool' | 'scan_type'>;
  readonly circuitFailures: Counter<'scanner_instance'>;
  readonly circuitOpens: Counter<'scanner_instance'>;
  /** Seconds from the start of a task to its end. */
  readonly taskDuration: Histogram;
  /** Seconds of a tool call. */
  readonly toolDuration: Histogram<'tool' | 'status'>;
  /** Requests over HTTP by route, never by path, which the client chooses. */
  readonly httpRequests: Counter<'method' | 'route' | 'status'>;
  readonly httpDuration: Histogram<'route'>;
  /** Seconds from the acceptance of a task to its claim. */
  readonly queueWait: Histogram<'pool'>;
  /** Claims whose lease expired because the worker was silent. */
  readonly leaseExpiries: Counter<'pool'>;
  /** Bytes of results that scanners have sent. */
  readonly exportBytes: Counter<'pool'>;
  readonly exportDuration: Histogram<'pool'>;
  /** Bytes of results that were read, and the seconds that it took. */
  readonly conversionBytes: Counter;
  readonly conversionSeconds: Counter;
  /** Seconds that the queue's store takes to answer. */
  readonly storeRoundTrip: Histogram;
  readonly housekeepingRuns: Counter<'outcome'>;
  readonly housekeepingRemovals: Counter<'kind'>;
  readonly housekeepingDuration: Histogram;
  /** Exposes failures that have not happened yet as 0, so that the first one shows as an increase. */
  beginAtZero(known: { pools: readonly string[]; scanners: readonly string[] }): void;
  /** Text of a scrape. Without a reading of the stores, as when Redis is down, the gauges keep what they showed. */
  expose(read?: () => Promise<GaugeReading>): Promise<string>;
}

/**
 * Makes the metrics, in a registry of their own.
 *
 * @example
 * ```ts
 * import { createMetrics } from '@nmcp/telemetry';
 *
 * const metrics = createMetrics();
 * metrics.scans.inc({ scan_type: 'untrusted', status: 'completed' });
 * console.assert((await metrics.expose()).includes('nessus_scans_total{scan_type="untrusted",status="completed"} 1'));
 * ```
 */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[]): Counter<L> =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> =>
    new Gauge({ name, help, labelNames, registers });
  const histogram = <L extends string>(
    name: string,
    help: string,
    labelNames: L[],
    buckets: number[],
  ): Histogram<L> => new Histogram({ name, help, labelNames, buckets, registers });
  const showReading = createGauges(gauge);
  const up = gauge('nmcp_store_up', 'Whether the queue answered at this scrape', []);
  collectDefaultMetrics({ register: registry });
  // gauges with a counter's name, which promtool rejects; they exist by kind too
  for (const kind of ['handles', 'requests', 'resources'])
    registry.removeSingleMetric(`nodejs_active_${kind}_total`);
  const storeRoundTrip = histogram(
    'nmcp_store_round_trip_seconds',
    "Seconds that the queue's store takes to answer",
    [],
    [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
  );
  const failures = {
    validationFailures: counter('nessus_validation_failures_total', 'Failed validations by reason', [
      'pool',
      'reason',
    ]),
    authFailures: counter('nessus_auth_failures_total', 'Scans whose credentials failed', [
      'pool',
      'scan_type',
    ]),
    circuitFailures: counter(
      'nessus_circuit_failures_total',
      'Failed scanner calls counted by the circuit breaker',
      ['scanner_instance'],
    ),
    circuitOpens: counter('nessus_circuit_opens_total', 'How often the circuit breaker opened', [
      'scanner_instance',
    ]),
  };
  return {
    registry,
    ...failures,
    scans: counter('nessus_scans_total', 'Scans by type and status', ['scan_type', 'status']),
    apiRequests: counter('nessus_api_requests_total', 'Tool calls by outcome', ['tool', 'status']),
    ttlDeletions: counter(
      'nessus_ttl_deletions_total',
      'Task directories removed because they had expired',
      [],
    ),
    validations: counter('nessus_validation_total', 'Validated results by outcome', ['pool', 'result']),
    taskDuration: histogram(
      'nessus_task_duration_seconds',
      'Seconds from the start of a task to its end',
      [],
      [60, 300, 600, 1800, 3600, 7200, 14_400],
    ),
    toolDuration: histogram('nmcp_tool_duration_seconds', 'Seconds of a tool call', ['tool', 'status'], FAST),
    httpRequests: counter('nmcp_http_requests_total', 'HTTP requests', ['method', 'route', 'status']),
    httpDuration: histogram(
      'nmcp_http_request_duration_seconds',
      'Seconds until the answer to an HTTP request began',
      ['route'],
      FAST,
    ),
    queueWait: histogram(
      'nmcp_queue_wait_seconds',
      'Seconds from the acceptance of a task to its claim',
      ['pool'],
      [0.01, 0.1, 1, 10, 60, 300, 1800, 7200, 28_800, 86_400],
    ),
    leaseExpiries: counter(
      'nmcp_lease_expiries_total',
      'Claims whose lease expired because the worker was silent',
      ['pool'],
    ),
    exportBytes: counter('nmcp_export_bytes_total', 'Bytes of results that scanners have sent', ['pool']),
    exportDuration: histogram(
      'nmcp_export_duration_seconds',
      'Seconds to get results from a scanner',
      ['pool'],
      [0.1, 1, 5, 15, 60, 300, 1800],
    ),
    conversionBytes: counter('nmcp_conversion_bytes_total', 'Bytes of results that were read', []),
    conversionSeconds: counter('nmcp_conversion_seconds_total', 'Seconds spent reading results', []),
    storeRoundTrip,
    housekeepingRuns: counter('nmcp_housekeeping_runs_total', 'Housekeeping runs', ['outcome']),
    housekeepingRemovals: counter('nmcp_housekeeping_removals_total', 'Items removed by the housekeeping', [
      'kind',
    ]),
    housekeepingDuration: histogram(
      'nmcp_housekeeping_duration_seconds',
      'Seconds per housekeeping run',
      [],
      [0.1, 1, 10, 60, 600],
    ),
    beginAtZero({ pools, scanners }) {
      for (const pool of pools) {
        for (const reason of VALIDATION_FAILURES) failures.validationFailures.inc({ pool, reason }, 0);
        for (const scan_type of SCAN_TYPES)
          if (scan_type !== 'untrusted') failures.authFailures.inc({ pool, scan_type }, 0);
      }
      for (const scanner_instance of scanners) {
        failures.circuitFailures.inc({ scanner_instance }, 0);
        failures.circuitOpens.inc({ scanner_instance }, 0);
      }
    },
    async expose(read) {
      const reading = await read?.().catch(() => undefined);
      if (reading) showReading(reading);
      if (reading) storeRoundTrip.observe(reading.storeSeconds);
      if (read) up.set(reading ? 1 : 0);
      return await registry.metrics();
    },
  };
}

const VALIDATION_FAILURES = ['auth_failed', 'xml_invalid', 'empty_scan', 'file_not_found', 'other'];

/** Buckets of what should take milliseconds. */
const FAST = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
