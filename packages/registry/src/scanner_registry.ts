import type {
  CircuitBreakers,
  CircuitOptions,
  CircuitReading,
  Drains,
  SlotLeases,
  SlotUsage,
} from '@nmcp/queue';
import {
  DEFAULT_POOL,
  instanceKey,
  NmcpError,
  type PoolName,
  type PoolStatusOutput,
  type Scanner,
  type ScannerListing,
  scannerTypeOf,
} from '@nmcp/types';
import { AdapterShelf } from './adapter_shelf.ts';
import { createNessusScanner } from './nessus_scanner.ts';
import type { PoolConfigs, ScannerConfig } from './scanner_config.ts';
import { watchScanner } from './watch_scanner.ts';

/** Makes the adapter of one kind of scanner. */
export type ScannerFactory = (config: ScannerConfig) => Scanner;

/** Options of {@linkcode createScannerRegistry}. */
export interface ScannerRegistryOptions {
  pools: PoolConfigs;
  slots: SlotLeases;
  circuits: CircuitBreakers;
  /** Scanners out of service. @default none */
  drains?: Drains | undefined;
  /** When a scanner is left alone for a while. @default 5 failures in a row, 30 seconds */
  circuit?: CircuitOptions;
  /** Told of a scanner's failures, and of those that opened its circuit. */
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
  /** The task has its scan there already, so it may be a scanner that takes nothing new. @default false */
  resumes?: boolean;
}

/** The scanners of all pools, with their load as every worker sees it. */
export interface ScannerRegistry extends AsyncDisposable {
  /** Names of the pools, in the file's order. */
  pools(): PoolName[];
  /** The pool of calls that name none: `nessus` where it exists, else the first. */
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
   * Asks a scanner something that takes no slot.
   *
   * @param instanceId may be left out where the pool has one scanner
   * @throws {NmcpError} `not_found`, `invalid_input` when a scanner has to be named; `scanner_unreachable` while its circuit
   *   is open
   */
  ask<T>(
    pool: PoolName,
    instanceId: string | undefined,
    question: (scanner: Scanner, config: ScannerConfig) => Promise<T>,
  ): Promise<T>;
  /**
   * Takes other scanners from now on. What runs goes on: a scanner that was made smaller, disabled or left out finishes
   * what it has, and gets nothing new.
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

const DEFAULT_CIRCUIT: CircuitOptions = { failures: 5, openMs: 30_000 };

const FACTORIES: Readonly<Record<string, ScannerFactory>> = { nessus: createNessusScanner };

/**
 * Makes the registry of the scanners in a configuration. Adapters are built at their first use.
 *
 * @throws {NmcpError} `invalid_config` when a pool's kind of scanner has no adapter.
 */
export function createScannerRegistry(options: ScannerRegistryOptions): ScannerRegistry {
  return new PoolRegistry(options);
}

class PoolRegistry implements ScannerRegistry {
  readonly #slots: SlotLeases;
  readonly #circuits: CircuitBreakers;
  readonly #drains: Drains | undefined;
  readonly #circuit: CircuitOptions;
  readonly #factories: Readonly<Record<string, ScannerFactory>>;
  readonly #adapters: AdapterShelf;
  #pools: PoolConfigs;
  /** Scanners that a reload left out, by key: their scans are finished. */
  readonly #retired = new Map<string, ScannerConfig>();

  constructor(options: ScannerRegistryOptions) {
    const {
      pools,
      slots,
      circuits,
      drains,
      circuit = DEFAULT_CIRCUIT,
      onFailure = () => {},
      factories = FACTORIES,
    } = options;
    this.#slots = slots;
    this.#circuits = circuits;
    this.#drains = drains;
    this.#circuit = circuit;
    this.#factories = factories;
    this.#adapters = new AdapterShelf((config) => this.#makeAdapter(config, onFailure));
    this.#checkTypes(pools);
    this.#pools = pools;
  }

  pools(): PoolName[] {
    return [...this.#pools.keys()];
  }

  get defaultPool(): PoolName {
    return this.#pools.has(DEFAULT_POOL) ? DEFAULT_POOL : (this.pools()[0] ?? DEFAULT_POOL);
  }

  requirePool(name: string): PoolName {
    const names = this.pools();
    const found = names.find((pool) => pool === name);
    if (found !== undefined) return found;
    const why =
      names.length === 0
        ? 'No scanner is configured: the server can only read scans that were imported. Its operator names scanners in scanners.yaml'
        : `The scanner pool ${JSON.stringify(name.slice(0, 64))} was not found; the pools are ${names.join(', ')}`;
    throw new NmcpError('not_found', why, { title: 'Scanner pool not found' });
  }

  requireScanner(pool: PoolName, instanceId: string): ScannerConfig {
    const found = this.#find(pool, instanceId);
    if (found?.enabled) return found;
    throw this.#notFound(pool, instanceId, found ? 'is disabled' : 'was not found');
  }

  async preview(pool: PoolName): Promise<ScannerConfig | undefined> {
    return (await this.#ranked(pool))[0];
  }

  async acquire(
    pool: PoolName,
    holder: string,
    leaseMs: number,
    { instanceId, resumes = false }: AcquireOptions = {},
  ): Promise<AcquiredScanner | undefined> {
    for (const config of await this.#candidates(pool, instanceId, resumes)) {
      const acquired = await this.#tryAcquire(config, holder, leaseMs);
      if (acquired) return acquired;
    }
    return undefined;
  }

  async ask<T>(
    pool: PoolName,
    instanceId: string | undefined,
    question: (scanner: Scanner, config: ScannerConfig) => Promise<T>,
  ): Promise<T> {
    const config = instanceId === undefined ? this.#onlyOne(pool) : this.requireScanner(pool, instanceId);
    const [circuit] = await this.#circuits.states([keyOf(config)]);
    if (circuit?.state === 'open')
      throw new NmcpError(
        'scanner_unreachable',
        `The scanner ${config.instance_id} of the pool ${pool} has failed several times and is left alone for a while; try again in a minute`,
      );
    const borrowed = this.#adapters.borrow(config);
    try {
      return await question(borrowed.scanner, config);
    } finally {
      await borrowed.giveBack();
    }
  }

  #onlyOne(pool: PoolName): ScannerConfig {
    const enabled = this.#configsOf(pool).filter((config) => config.enabled);
    const [only] = enabled;
    if (only && enabled.length === 1) return only;
    throw new NmcpError(
      'invalid_input',
      enabled.length === 0
        ? `The pool ${pool} has no enabled scanner`
        : `The pool ${pool} has several scanners; name one as scanner_instance: ${enabled.map((config) => config.instance_id).join(', ')}`,
      { title: 'Invalid input' },
    );
  }

  async list(pool?: PoolName): Promise<ScannerListing[]> {
    const configs = pool === undefined ? [...this.#pools.values()].flat() : this.#configsOf(pool);
    const [usage, states, drained] = await Promise.all([
      usageByKey(this.#slots, configs),
      this.#circuits.states(configs.map(keyOf)),
      this.#drained(),
    ]);
    return configs.map((config, i) =>
      listing(config, {
        active: usage.get(keyOf(config))?.active ?? 0,
        circuit: states[i]?.state ?? 'closed',
        drained: drained.has(keyOf(config)),
      }),
    );
  }

  async status(pool: PoolName): Promise<PoolStatusOutput> {
    const scanners = await this.list(pool);
    const enabled = scanners.filter((scanner) => scanner.enabled);
    const total_capacity = enabled.reduce((sum, scanner) => sum + scanner.max_concurrent_scans, 0);
    const total_active = scanners.reduce((sum, scanner) => sum + scanner.active_scans, 0);
    return {
      pool,
      scanner_type: scannerTypeOf(pool),
      total_scanners: scanners.length,
      total_capacity,
      total_active,
      available_capacity: enabled.reduce((sum, scanner) => sum + scanner.available_capacity, 0),
      utilization_pct: percent(total_active, total_capacity),
      scanners,
    };
  }

  reload(pools: PoolConfigs): void {
    this.#checkTypes(pools);
    for (const config of [...this.#pools.values()].flat()) this.#retired.set(keyOf(config), config);
    for (const config of [...pools.values()].flat()) this.#retired.delete(keyOf(config));
    this.#pools = pools;
  }

  async close(): Promise<void> {
    await this.#adapters.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkTypes(pools: PoolConfigs): void {
    for (const pool of pools.keys()) {
      if (Object.hasOwn(this.#factories, scannerTypeOf(pool))) continue;
      throw new NmcpError(
        'invalid_config',
        `The pool ${pool} holds scanners of the type ${scannerTypeOf(pool)}, which is not supported; supported are ${Object.keys(this.#factories).join(', ')}`,
      );
    }
  }

  #makeAdapter(config: ScannerConfig, onFailure: (key: string, opened: boolean) => void): Scanner {
    const factory = this.#factories[config.scanner_type];
    if (!factory) throw new NmcpError('internal', `No adapter for ${config.scanner_type}`);
    const key = keyOf(config);
    return watchScanner(factory(config), {
      onSuccess: () => this.#circuits.succeeded(key),
      onFailure: async () => onFailure(key, await this.#circuits.failed(key, this.#circuit)),
    });
  }

  #configsOf(pool: PoolName): readonly ScannerConfig[] {
    return this.#pools.get(pool) ?? [];
  }

  #find(pool: PoolName, instanceId: string): ScannerConfig | undefined {
    return this.#configsOf(pool).find((config) => config.instance_id === instanceId);
  }

  #notFound(pool: PoolName, instanceId: string, why: string): NmcpError {
    const others = this.#configsOf(pool).flatMap(({ enabled, instance_id }) =>
      enabled ? [instance_id] : [],
    );
    return new NmcpError(
      'not_found',
      `The scanner ${JSON.stringify(instanceId.slice(0, 64))} of the pool ${pool} ${why}; the pool has ${others.join(', ') || 'no enabled scanner'}`,
      { title: 'Scanner not found' },
    );
  }

  /** Scanners that may take the task; one that is disabled or drained takes what is meant for it when it is back. */
  async #candidates(
    pool: PoolName,
    instanceId: string | undefined,
    resumes: boolean,
  ): Promise<readonly ScannerConfig[]> {
    if (instanceId === undefined) return await this.#ranked(pool);
    const config =
      this.#find(pool, instanceId) ??
      (resumes ? this.#retired.get(instanceKey(pool, instanceId)) : undefined);
    if (!config) throw this.#notFound(pool, instanceId, 'was not found');
    if (resumes) return [config];
    return config.enabled && !(await this.#drained()).has(keyOf(config)) ? [config] : [];
  }

  async #drained(): Promise<ReadonlySet<string>> {
    return (await this.#drains?.list()) ?? new Set();
  }

  /** Scanners of a pool that take new scans, best first. */
  async #ranked(pool: PoolName): Promise<ScannerConfig[]> {
    const all = this.#configsOf(pool).filter((config) => config.enabled);
    const [usage, drained] = await Promise.all([usageByKey(this.#slots, all), this.#drained()]);
    const enabled = all.filter((config) => !drained.has(keyOf(config)));
    const load = (config: ScannerConfig): number =>
      (usage.get(keyOf(config))?.active ?? 0) / config.max_concurrent_scans;
    const lastUsed = (config: ScannerConfig): number => usage.get(keyOf(config))?.lastUsed ?? 0;
    return enabled.toSorted((a, b) => load(a) - load(b) || lastUsed(a) - lastUsed(b));
  }

  async #tryAcquire(
    config: ScannerConfig,
    holder: string,
    leaseMs: number,
  ): Promise<AcquiredScanner | undefined> {
    const key = keyOf(config);
    const take = (ms: number): Promise<boolean> =>
      this.#slots.acquire(key, holder, config.max_concurrent_scans, ms);
    if (!(await take(leaseMs))) return undefined;
    if (!(await this.#circuits.allow(key, this.#circuit))) {
      await this.#slots.release(key, holder);
      return undefined;
    }
    const borrowed = this.#adapters.borrow(config);
    return {
      config,
      scanner: borrowed.scanner,
      renew: take,
      release: async () => {
        await borrowed.giveBack();
        await this.#slots.release(key, holder);
      },
    };
  }
}

function keyOf(config: ScannerConfig): string {
  return instanceKey(config.pool, config.instance_id);
}

async function usageByKey(
  slots: SlotLeases,
  configs: readonly ScannerConfig[],
): Promise<Map<string, SlotUsage>> {
  return new Map((await slots.usage(configs.map(keyOf))).map((usage) => [usage.scanner, usage]));
}

/** Scans that a circuit lets through. */
const ROOM: Readonly<Record<CircuitReading['state'], number>> = {
  closed: Number.POSITIVE_INFINITY,
  'half-open': 1,
  open: 0,
};

interface ScannerLoad {
  active: number;
  circuit: CircuitReading['state'];
  drained: boolean;
}

function listing(config: ScannerConfig, { active, circuit, drained }: ScannerLoad): ScannerListing {
  const { scanner_type, pool, instance_id, name, url, enabled, max_concurrent_scans } = config;
  return {
    scanner_type,
    pool,
    instance_id,
    instance_key: keyOf(config),
    name,
    url: withoutLogin(url),
    enabled,
    max_concurrent_scans,
    active_scans: active,
    available_capacity:
      enabled && !drained ? Math.min(ROOM[circuit], Math.max(0, max_concurrent_scans - active)) : 0,
    utilization_pct: percent(active, max_concurrent_scans),
    circuit,
    drained,
  };
}

/** A URL can carry a user and a password, which nobody shall see. */
export function withoutLogin(url: string): string {
  const parsed = new URL(url);
  if (parsed.username === '' && parsed.password === '') return url;
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}

/** Percent with one decimal. */
function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((1000 * part) / whole) / 10;
}
