import { rm } from 'node:fs/promises';
import type { PoolConfigs, ScannerConfig } from '@nmcp/registry';
import { openServices } from '@nmcp/runtime';
import { startWorker } from '@nmcp/runtime/worker';
import type { Services } from '@nmcp/scans';
import type { Settings } from '@nmcp/settings';
import type { Simulator } from '@nmcp/simulator';
import { DEFAULT_POOL } from '@nmcp/types';

/** Options of {@linkcode startEverything}. */
export interface StartOptions {
  settings: Settings;
  /** Start a simulated scanner and use only that. */
  simulate: boolean;
  /** Remove the data directory on exit. */
  temporary?: boolean;
}

/** Longest interval between polls of a scan on the simulated scanner, where scans take seconds. */
const SIMULATED_POLL_MS = 200;

/** What runs in this process. */
export interface Everything extends Services {
  /** Resolves when the worker takes tasks. */
  workerSeen: Promise<void>;
}

/** Opens the stores and starts a worker, in this process. Disposing of the result stops everything in order. */
export async function startEverything({
  settings,
  simulate,
  temporary = false,
}: StartOptions): Promise<Everything> {
  await using stack = new AsyncDisposableStackLike();
  if (temporary) stack.defer(() => rm(settings.dataDir, { recursive: true, force: true }));
  const simulator = simulate
    ? stack.use(await (await import('@nmcp/simulator')).startSimulator())
    : undefined;
  const pools = simulator ? poolsOf(simulator) : undefined;
  const services = stack.use(await openServices({ settings, environment: process.env, app: 'nmcp', pools }));
  const worker = stack.use(
    startWorker(services, settings, {
      pollMs: simulate ? SIMULATED_POLL_MS : undefined,
      minPollMs: SIMULATED_POLL_MS,
    }),
  );
  const started = stack.move();
  return { ...services, workerSeen: worker.seen, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

function poolsOf(simulator: Simulator): PoolConfigs {
  const scanner: ScannerConfig = {
    pool: DEFAULT_POOL,
    scanner_type: 'nessus',
    instance_id: 'simulated',
    name: 'Simulated scanner',
    url: simulator.url,
    auth: { accessKey: simulator.accessKey, secretKey: simulator.secretKey },
    tls: simulator.fingerprint === undefined ? {} : { fingerprint: simulator.fingerprint },
    enabled: true,
    max_concurrent_scans: 5,
  };
  return new Map([[DEFAULT_POOL, [scanner]]]);
}

/** A stand-in for AsyncDisposableStack until Node has it: disposes in reverse order. */
class AsyncDisposableStackLike implements AsyncDisposable {
  #things: (() => PromiseLike<void> | void)[] = [];

  use<T extends AsyncDisposable>(thing: T): T {
    this.#things.push(() => thing[Symbol.asyncDispose]());
    return thing;
  }

  defer(end: () => Promise<void>): void {
    this.#things.push(end);
  }

  move(): AsyncDisposableStackLike {
    const moved = new AsyncDisposableStackLike();
    moved.#things = this.#things;
    this.#things = [];
    return moved;
  }

  async disposeAsync(): Promise<void> {
    for (let end = this.#things.pop(); end; end = this.#things.pop()) await end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.disposeAsync();
  }
}
