import type { CircuitBreakers, CircuitOptions, Drains, SlotLeases } from '@nmcp/queue';
import type { PoolName, PoolStatusOutput, Scanner, ScannerListing, ScannerReadiness } from '@nmcp/types';
import type { PoolConfigs, ScannerConfig } from './scanner_config.ts';

/** Makes the adapter of one kind of scanner. */
export type ScannerFactory = (config: ScannerConfig) => Scanner;

/** Options of `createScannerRegistry`. */
export interface ScannerRegistryOptions {
  pools: PoolConfigs;
  slots: SlotLeases;
  circuits: CircuitBreakers;
  /** Drained scanners. @default none */
  drains?: Drains | undefined;
  /** When a scanner's circuit breaker opens. @default after 5 consecutive failures, for 30 seconds */
  circuit?: CircuitOptions;
  /** Called for a scanner's failures, and for those that opened its circuit breaker. */
  onFailure?: (instanceKey: string, opened: boolean) => void;
  /** Adapter by scanner type. @default Nessus only */
  factories?: Readonly<Record<string, ScannerFactory>>;
}

/** A slot on a scanner, held by one task. */
export interface AcquiredScanner {
  readonly config: ScannerConfig;
  readonly scanner: Scanner;
  /** Keeps the slot for another `leaseMs`. */
  renew(leaseMs: number): Promise<boolean>;
  release(): Promise<void>;
}

/** Options of {@linkcode ScannerRegistry.acquire}. */
export interface AcquireOptions {
  /** @default any scanner of the pool */
  instanceId?: string | undefined;
  /** Host and port of that scanner, by which one that resumes finds it when its entry has another name now. */
  address?: string | undefined;
  /** The task already has its scan there, so the scanner may be drained or disabled. @default false */
  resumes?: boolean;
}

/** A scanner, and whether it can start scans. */
export interface ReadyScanner extends ScannerReadiness {
  instance_id: string;
}

/** A scanner that does not answer, and why. */
export interface SilentScanner {
  instance_id: string;
  problem: string;
}

/** The scanners of all pools, with their load as every worker sees it. */
export interface ScannerRegistry extends AsyncDisposable {
  /** Names of the pools, in the file's order. */
  pools(): PoolName[];
  /** The default pool: `nessus` if it exists, else the first. */
  readonly defaultPool: PoolName;
  /** @throws {NmcpError} `not_found` naming the pools that exist */
  requirePool(name: string): PoolName;
  /** @throws {NmcpError} `not_found` when the pool has no such scanner, or it is disabled */
  requireScanner(pool: PoolName, instanceId: string): ScannerConfig;
  /** The scanner that a task of this pool would get now; `undefined` when all are disabled. */
  preview(pool: PoolName): Promise<ScannerConfig | undefined>;
  /**
   * Takes a slot: on one scanner, or on the least utilised, then least recently used one of the pool.
   *
   * @returns undefined when no slot is free
   * @throws {NmcpError} `not_found` when the pool has no such scanner
   */
  acquire(
    pool: PoolName,
    holder: string,
    leaseMs: number,
    options?: AcquireOptions,
  ): Promise<AcquiredScanner | undefined>;
  /**
   * Whether scans can be started on the scanners that a task of this pool could get, as they said within the last minutes.
   */
  readiness(
    pool: PoolName,
    instanceId?: string,
  ): Promise<{ ready: readonly ReadyScanner[]; silent: readonly SilentScanner[] }>;
  /**
   * Calls a scanner without taking a slot.
   *
   * @param instanceId may be left out where the pool has one scanner
   * @param options.despiteCircuit also while its circuit is open: an answer closes it
   * @throws {NmcpError} `not_found`, `invalid_input` when a scanner has to be named; `scanner_unreachable` while its circuit
   *   is open
   */
  ask<T>(
    pool: PoolName,
    instanceId: string | undefined,
    question: (scanner: Scanner, config: ScannerConfig) => Promise<T>,
    options?: { despiteCircuit?: boolean },
  ): Promise<T>;
  /**
   * Replaces the scanners. Running scans continue: a scanner that was made smaller, disabled or removed finishes its scans,
   * and gets no new ones.
   *
   * @throws {NmcpError} `invalid_config` when a pool's kind of scanner has no adapter; then nothing has changed
   */
  reload(pools: PoolConfigs): void;
  /** Scanners with their load, of one pool or of all. */
  list(pool?: PoolName): Promise<ScannerListing[]>;
  /** A pool's load. */
  status(pool: PoolName): Promise<PoolStatusOutput>;
  close(): Promise<void>;
}
