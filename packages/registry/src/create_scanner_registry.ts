import type { CircuitOptions } from '@nmcp/queue';
import {
  NmcpError,
  type PoolName,
  type PoolStatusOutput,
  type Scanner,
  type ScannerListing,
} from '@nmcp/types';
import { AdapterCache } from './adapter_cache.ts';
import { chooseScanners, rankScanners } from './choose_scanners.ts';
import { holdScanner } from './hold_scanner.ts';
import { listScanners, poolStatus } from './list_scanners.ts';
import { createNessusScanner } from './nessus_scanner.ts';
import { ReadinessCache } from './readiness_cache.ts';
import { keyOf, type PoolConfigs, type ScannerConfig } from './scanner_config.ts';
import type { ScannerLoad } from './scanner_load.ts';
import { ScannerPools } from './scanner_pools.ts';
import type {
  AcquiredScanner,
  AcquireOptions,
  ReadyScanner,
  ScannerFactory,
  ScannerRegistry,
  ScannerRegistryOptions,
  SilentScanner,
} from './scanner_registry.ts';
import { watchScanner } from './watch_scanner.ts';

const DEFAULT_CIRCUIT: CircuitOptions = { failures: 5, openMs: 30_000 };

const FACTORIES: Readonly<Record<string, ScannerFactory>> = {
  nessus: (config) => createNessusScanner(config),
};

/**
 * Makes the registry of the scanners in a configuration. Adapters are built on first use.
 *
 * @throws {NmcpError} `invalid_config` when a pool's kind of scanner has no adapter.
 */
export function createScannerRegistry(options: ScannerRegistryOptions): ScannerRegistry {
  return new PoolRegistry(options);
}

class PoolRegistry implements ScannerRegistry {
  readonly #load: ScannerLoad;
  readonly #circuit: CircuitOptions;
  readonly #factories: Readonly<Record<string, ScannerFactory>>;
  readonly #adapters: AdapterCache;
  readonly #pools: ScannerPools;
  readonly #readiness: ReadinessCache;

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
    this.#load = { slots, circuits, drains };
    this.#circuit = circuit;
    this.#factories = factories;
    this.#adapters = new AdapterCache((config) => this.#makeAdapter(config, onFailure));
    this.#readiness = new ReadinessCache((config) => this.#adapters.acquire(config));
    this.#pools = new ScannerPools(pools, Object.keys(factories));
  }

  pools(): PoolName[] {
    return this.#pools.names();
  }

  get defaultPool(): PoolName {
    return this.#pools.defaultName;
  }

  requirePool(name: string): PoolName {
    return this.#pools.requirePool(name);
  }

  requireScanner(pool: PoolName, instanceId: string): ScannerConfig {
    return this.#pools.requireScanner(pool, instanceId);
  }

  async preview(pool: PoolName): Promise<ScannerConfig | undefined> {
    return (await rankScanners(this.#pools.of(pool), this.#load))[0];
  }

  async acquire(
    pool: PoolName,
    holder: string,
    leaseMs: number,
    options: AcquireOptions = {},
  ): Promise<AcquiredScanner | undefined> {
    const context = { ...this.#load, circuit: this.#circuit, adapters: this.#adapters };
    const able = (config: ScannerConfig): boolean =>
      options.resumes === true || this.#readiness.peek(config)?.startsScans !== false;
    const chosen = await chooseScanners(this.#pools, pool, options, this.#load);
    // where all are unable, the one that is tried says so
    for (const config of chosen.some(able) ? chosen.filter(able) : chosen) {
      const acquired = await holdScanner(config, holder, leaseMs, context);
      if (acquired) return acquired;
    }
    return undefined;
  }

  async readiness(
    pool: PoolName,
    instanceId?: string,
  ): Promise<{ ready: ReadyScanner[]; silent: SilentScanner[] }> {
    const configs = this.#pools
      .of(pool)
      .filter((config) => config.enabled && (instanceId === undefined || config.instance_id === instanceId));
    const asked = await Promise.all(
      configs.map(async (config) => {
        const { instance_id } = config;
        return { instance_id, ...(await this.#readiness.of(config)) };
      }),
    );
    return {
      ready: asked.flatMap(({ instance_id, readiness }) =>
        readiness ? [{ instance_id, ...readiness }] : [],
      ),
      silent: asked.flatMap(({ instance_id, problem }) =>
        problem === undefined ? [] : [{ instance_id, problem }],
      ),
    };
  }

  async ask<T>(
    pool: PoolName,
    instanceId: string | undefined,
    question: (scanner: Scanner, config: ScannerConfig) => Promise<T>,
    { despiteCircuit = false }: { despiteCircuit?: boolean } = {},
  ): Promise<T> {
    const config =
      instanceId === undefined
        ? this.#pools.requireOnlyScanner(pool)
        : this.#pools.requireScanner(pool, instanceId);
    const [circuit] = await this.#load.circuits.states([keyOf(config)]);
    if (circuit?.state === 'open' && !despiteCircuit)
      throw new NmcpError(
        'scanner_unreachable',
        `The scanner ${config.instance_id} of the pool ${pool} has failed several times, so its circuit breaker is open; try again in a minute${circuit.reason === undefined ? '' : ` (${circuit.reason})`}`,
      );
    const adapter = this.#adapters.acquire(config);
    try {
      return await question(adapter.scanner, config);
    } finally {
      await adapter.release();
    }
  }

  async list(pool?: PoolName): Promise<ScannerListing[]> {
    return await listScanners(pool === undefined ? this.#pools.all() : this.#pools.of(pool), this.#load);
  }

  async status(pool: PoolName): Promise<PoolStatusOutput> {
    return poolStatus(pool, await this.list(pool));
  }

  reload(pools: PoolConfigs): void {
    this.#pools.replace(pools);
  }

  async close(): Promise<void> {
    await this.#adapters.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #makeAdapter(config: ScannerConfig, onFailure: (key: string, opened: boolean) => void): Scanner {
    const factory = this.#factories[config.scanner_type];
    if (!factory) throw new NmcpError('internal', `No adapter for ${config.scanner_type}`);
    const key = keyOf(config);
    const { circuits } = this.#load;
    return watchScanner(factory(config), {
      onSuccess: () => circuits.succeeded(key),
      onFailure: async (reason) => onFailure(key, await circuits.failed(key, this.#circuit, reason)),
    });
  }
}
