import { DEFAULT_POOL, instanceKey, NmcpError, type PoolName, scannerTypeOf } from '@nmcp/types';
import { keyOf, type PoolConfigs, type ScannerConfig } from './scanner_config.ts';

/** The configured scanners, and those that a reload removed. */
export class ScannerPools {
  readonly #types: readonly string[];
  #pools: PoolConfigs;
  /** Scanners that a reload removed, by key: their running scans are finished. */
  readonly #retired = new Map<string, ScannerConfig>();

  /**
   * @param types kinds of scanners that have an adapter
   * @throws {NmcpError} `invalid_config` when a pool is of another kind
   */
  constructor(pools: PoolConfigs, types: readonly string[]) {
    this.#types = types;
    this.#checkTypes(pools);
    this.#pools = pools;
  }

  /** Replaces the scanners. @throws {NmcpError} as the constructor does; then nothing has changed */
  replace(pools: PoolConfigs): void {
    this.#checkTypes(pools);
    for (const config of this.all()) this.#retired.set(keyOf(config), config);
    for (const config of [...pools.values()].flat()) this.#retired.delete(keyOf(config));
    this.#pools = pools;
  }

  names(): PoolName[] {
    return [...this.#pools.keys()];
  }

  get defaultName(): PoolName {
    return this.#pools.has(DEFAULT_POOL) ? DEFAULT_POOL : (this.names()[0] ?? DEFAULT_POOL);
  }

  all(): readonly ScannerConfig[] {
    return [...this.#pools.values()].flat();
  }

  of(pool: PoolName): readonly ScannerConfig[] {
    return this.#pools.get(pool) ?? [];
  }

  find(pool: PoolName, instanceId: string): ScannerConfig | undefined {
    return this.of(pool).find((config) => config.instance_id === instanceId);
  }

  findRetired(pool: PoolName, instanceId: string): ScannerConfig | undefined {
    return this.#retired.get(instanceKey(pool, instanceId));
  }

  requirePool(name: string): PoolName {
    const names = this.names();
    const found = names.find((pool) => pool === name);
    if (found !== undefined) return found;
    const why =
      names.length === 0
        ? 'No scanner is configured: the server can only read imported scans. Its operator can add scanners in scanners.yaml'
        : `The scanner pool ${JSON.stringify(name.slice(0, 64))} was not found; the pools are ${names.join(', ')}`;
    throw new NmcpError('not_found', why, { title: 'Scanner pool not found' });
  }

  requireScanner(pool: PoolName, instanceId: string): ScannerConfig {
    const found = this.find(pool, instanceId);
    if (found?.enabled) return found;
    throw this.notFound(pool, instanceId, found ? 'is disabled' : 'was not found');
  }

  /** The scanner of a pool that has one. */
  requireOnlyScanner(pool: PoolName): ScannerConfig {
    const enabled = this.of(pool).filter((config) => config.enabled);
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

  notFound(pool: PoolName, instanceId: string, why: string): NmcpError {
    const others = this.of(pool).flatMap(({ enabled, instance_id }) => (enabled ? [instance_id] : []));
    return new NmcpError(
      'not_found',
      `The scanner ${JSON.stringify(instanceId.slice(0, 64))} of the pool ${pool} ${why}; the pool has ${others.join(', ') || 'no enabled scanner'}`,
      { title: 'Scanner not found' },
    );
  }

  #checkTypes(pools: PoolConfigs): void {
    for (const pool of pools.keys()) {
      if (this.#types.includes(scannerTypeOf(pool))) continue;
      throw new NmcpError(
        'invalid_config',
        `The pool ${pool} has scanners of the type ${scannerTypeOf(pool)}, which is not supported; supported types: ${this.#types.join(', ')}`,
      );
    }
  }
}
