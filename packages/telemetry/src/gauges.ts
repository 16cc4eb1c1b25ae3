import type { SeverityBreakdown } from '@nmcp/types';
import type { Gauge } from 'prom-client';

/** What the gauges show at the moment of a scrape. */
export interface GaugeReading {
  activeScans: number;
  /** Seconds that the queue's store took to answer. */
  storeSeconds: number;
  /** Seconds by which this machine's clock is ahead of the store's. */
  skewSeconds: number;
  scanners: readonly {
    /** `pool:instance` */
    key: string;
    type: string;
    enabled: boolean;
    active: number;
    capacity: number;
    utilizationPct: number;
    circuit: 'closed' | 'open' | 'half-open';
  }[];
  pools: readonly { name: string; queueDepth: number; dlqDepth: number; capacity: number; active: number }[];
  /** How the network stands, by zone; absent where the inventory did not answer. */
  zones?: Readonly<Record<string, ZoneReading>> | undefined;
}

/** Open findings and assets of a zone. */
export interface ZoneReading {
  open: Readonly<SeverityBreakdown>;
  overdue: Readonly<SeverityBreakdown>;
  /** Days for which they have been open, together. */
  days_open: Readonly<SeverityBreakdown>;
  /** On CISA's list of exploited vulnerabilities. */
  kev: number;
  assets: number;
  assets_covered: number;
  logins: { readonly success: number };
}

const CIRCUIT_NUMBERS = { closed: 0, open: 1, 'half-open': 2 };

type MakeGauge = <L extends string>(name: string, help: string, labelNames: L[]) => Gauge<L>;

/** Makes the gauges. @returns a function that shows a reading */
export function createGauges(gauge: MakeGauge): (reading: GaugeReading) => void {
  const skew = gauge(
    'nmcp_clock_skew_seconds',
    "Seconds by which this machine's clock is ahead of the queue's",
    [],
  );
  const active = gauge('nessus_active_scans', 'Running scans', []);
  const instances = gauge('nessus_scanner_instances', 'Configured scanners', ['scanner_type', 'enabled']);
  const queueDepth = gauge('nessus_queue_depth', 'Waiting tasks', ['queue']);
  const dlqSize = gauge('nessus_dlq_size', 'Dead letters of all pools', []);
  const scannerActive = gauge('nessus_scanner_active_scans', 'Scans on a scanner', ['scanner_instance']);
  const scannerCapacity = gauge('nessus_scanner_capacity', 'Scans that a scanner may run concurrently', [
    'scanner_instance',
  ]);
  const scannerUse = gauge('nessus_scanner_utilization_pct', 'Percent of a scanner in use', [
    'scanner_instance',
  ]);
  const circuit = gauge('nessus_circuit_state', '0 closed, 1 open, 2 half-open', ['scanner_instance']);
  const totalCapacity = gauge('nessus_pool_total_capacity', 'Scans that all pools may run concurrently', []);
  const totalActive = gauge('nessus_pool_total_active', 'Running scans of all pools', []);
  const poolActive = gauge('nmcp_pool_active', 'Running scans of a pool', ['pool']);
  const poolQueue = gauge('nessus_pool_queue_depth', 'Waiting tasks of a pool', ['pool']);
  const poolDlq = gauge('nessus_pool_dlq_depth', 'Dead letters of a pool', ['pool']);
  const showZones = createZoneGauges(gauge);
  const labelled = [
    instances,
    scannerActive,
    scannerCapacity,
    scannerUse,
    circuit,
    poolActive,
    poolQueue,
    poolDlq,
  ];

  return (reading) => {
    for (const each of labelled) each.reset(); // what a reload removed is no longer shown
    if (reading.zones) showZones(reading.zones);
    active.set(reading.activeScans);
    skew.set(reading.skewSeconds);
    const total = (of: (pool: GaugeReading['pools'][number]) => number): number =>
      reading.pools.reduce((sum, pool) => sum + of(pool), 0);
    const dead = total((pool) => pool.dlqDepth);
    dlqSize.set(dead);
    queueDepth.set(
      { queue: 'main' },
      total((pool) => pool.queueDepth),
    );
    queueDepth.set({ queue: 'dead' }, dead);
    totalCapacity.set(total((pool) => pool.capacity));
    totalActive.set(total((pool) => pool.active));
    for (const scanner of reading.scanners) {
      const label = { scanner_instance: scanner.key };
      instances.inc({ scanner_type: scanner.type, enabled: String(scanner.enabled) });
      scannerActive.set(label, scanner.active);
      scannerCapacity.set(label, scanner.capacity);
      scannerUse.set(label, scanner.utilizationPct);
      circuit.set(label, CIRCUIT_NUMBERS[scanner.circuit]);
    }
    for (const { name, queueDepth: depth, dlqDepth, active: running } of reading.pools) {
      poolQueue.set({ pool: name }, depth);
      poolDlq.set({ pool: name }, dlqDepth);
      poolActive.set({ pool: name }, running);
    }
  };
}

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;

function createZoneGauges(gauge: MakeGauge): (zones: Readonly<Record<string, ZoneReading>>) => void {
  const open = gauge('nmcp_inventory_open_findings', 'Open findings', ['zone', 'severity']);
  const overdue = gauge('nmcp_inventory_overdue_findings', 'Findings that are open for longer than allowed', [
    'zone',
    'severity',
  ]);
  const age = gauge('nmcp_inventory_open_days', 'Days for which open findings have been open, on average', [
    'zone',
    'severity',
  ]);
  const kev = gauge(
    'nmcp_inventory_kev_findings',
    "Open findings on CISA's list of exploited vulnerabilities",
    ['zone'],
  );
  const assets = gauge(
    'nmcp_inventory_assets',
    'Assets: known, reached in 30 days, with a login that worked',
    ['zone', 'state'],
  );

  return (zones) => {
    for (const each of [open, overdue, age, kev, assets]) each.reset(); // a zone can go
    for (const [zone, reading] of Object.entries(zones)) {
      for (const severity of SEVERITIES) {
        const count = reading.open[severity];
        open.set({ zone, severity }, count);
        overdue.set({ zone, severity }, reading.overdue[severity]);
        age.set({ zone, severity }, count === 0 ? 0 : reading.days_open[severity] / count);
      }
      kev.set({ zone }, reading.kev);
      assets.set({ zone, state: 'known' }, reading.assets);
      assets.set({ zone, state: 'covered' }, reading.assets_covered);
      assets.set({ zone, state: 'logged_in' }, reading.logins.success);
    }
  };
}
