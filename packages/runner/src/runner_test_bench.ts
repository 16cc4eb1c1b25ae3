import { createEmbeddedQueue, type DeadLetter, type TaskQueue } from '@nmcp/queue';
import {
  createNessusScanner,
  createScannerRegistry,
  type ScannerConfig,
  type ScannerFactory,
  type ScannerRegistry,
} from '@nmcp/registry';
import { type Simulator, type SimulatorOptions, startSimulator } from '@nmcp/simulator';
import { createTaskStore, entryOf, queuedTask, type TaskStore } from '@nmcp/tasks';
import { createLogger, createMetrics, type Metrics } from '@nmcp/telemetry';
import { tempFolder } from '@nmcp/test-support';
import {
  DEFAULT_POOL,
  isFinal,
  newTaskId,
  type ScanCredentials,
  type ScanScope,
  type Task,
  type TaskId,
} from '@nmcp/types';
import { createRunner, type Runner, type RunnerOptions } from './mod.ts';

/** A worker's surroundings: a simulated scanner, an embedded queue, a data directory. */
export interface Bench extends AsyncDisposable {
  simulator: Simulator;
  queue: TaskQueue;
  tasks: TaskStore;
  registry: ScannerRegistry;
  /** Of the scanners. */
  configs: ScannerConfig[];
  metrics: Metrics;
  logged: string[];
  start(options?: Partial<RunnerOptions>): Runner;
  submit(content?: { credentials?: ScanCredentials; instance?: string; scope?: ScanScope }): Promise<TaskId>;
  ended(id: TaskId): Promise<Task>;
  /** The first dead letter, as soon as there is one. */
  deadLetter(): Promise<DeadLetter>;
  until<T>(look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T>;
}

/** What is to be different. */
export interface BenchOptions extends SimulatorOptions {
  config?: Partial<ScannerConfig>;
  /** Name of a second scanner like the first. */
  second?: string;
  wrap?: (factory: ScannerFactory) => ScannerFactory;
  tasks?: (store: TaskStore) => TaskStore;
  /** Of the queue. */
  queueClock?: () => number;
}

/** Sets them up. */
export async function bench({
  config,
  second,
  wrap = (factory) => factory,
  tasks: wrapTasks = (store) => store,
  queueClock = Date.now,
  ...options
}: BenchOptions = {}): Promise<Bench> {
  const folder = await tempFolder();
  const simulator = await startSimulator({ tls: false, speed: 1000, ...options });
  const queue = await createEmbeddedQueue({
    path: `${folder.path}/.queue.db`,
    pollMs: 20,
    clock: queueClock,
  });
  const tasks = wrapTasks(createTaskStore({ dataDir: folder.path }));
  const metrics = createMetrics();
  const logged: string[] = [];
  const scanner: ScannerConfig = {
    pool: DEFAULT_POOL,
    scanner_type: 'nessus',
    instance_id: 's1',
    name: 's1',
    url: simulator.url,
    enabled: true,
    max_concurrent_scans: 2,
    tls: {},
    auth: { username: simulator.username, password: simulator.password },
    ...config,
  };
  const others = second === undefined ? [] : [{ ...scanner, instance_id: second, name: second }];
  const configs = [scanner, ...others];
  const pools = new Map([[DEFAULT_POOL, configs]]);
  const registry = createScannerRegistry({
    pools,
    slots: queue.slots,
    circuits: queue.circuits,
    circuit: { failures: 3, openMs: 300 },
    factories: { nessus: wrap(createNessusScanner) },
  });
  const runners: Runner[] = [];

  async function until<T>(look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
    while (true) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      await new Promise((resolve) => setTimeout(resolve, 20)); // looking costs a worker beside it
    }
  }

  return {
    simulator,
    queue,
    tasks,
    registry,
    configs,
    metrics,
    logged,
    until,
    start(more = {}) {
      const log = createLogger({
        app: 'test',
        level: 'debug',
        stream: { write: (line) => logged.push(line) },
      });
      const runner = createRunner({
        queue,
        tasks,
        registry,
        metrics,
        log,
        consumer: `w${runners.length}`,
        minPollMs: 5,
        pollMs: 20,
        retry: { firstWaitMs: 1, maxWaitMs: 20 },
        observeMs: 40,
        appearMs: 60,
        goneMs: 60,
        ...more,
      });
      runners.push(runner);
      return runner;
    },
    async submit({ credentials, instance, scope } = {}) {
      const task = queuedTask({
        task_id: newTaskId('nessus'),
        trace_id: 'trace',
        scan_type: credentials ? 'authenticated' : 'untrusted',
        scanner_type: 'nessus',
        scanner_pool: DEFAULT_POOL,
        scanner_instance_id: instance ?? null,
        payload: {
          targets: '192.0.2.0/28',
          name: 'n',
          description: 'd',
          schema_profile: 'brief',
          ...(credentials ? { credentials } : {}),
          ...(scope ? { scope } : {}),
        },
        created_at: new Date().toISOString(),
      });
      await tasks.create(task);
      await queue.enqueue(entryOf(task));
      return task.task_id;
    },
    ended: (id) =>
      until(async () => {
        const task = await tasks.read(id);
        return isFinal(task.status) && (await queue.inFlight(DEFAULT_POOL)) === 0 && task;
      }),
    deadLetter: () => until(async () => (await queue.deadLetters(DEFAULT_POOL, 1))[0]),
    async [Symbol.asyncDispose]() {
      await Promise.all(runners.map((runner) => runner.stop()));
      await registry.close();
      await queue.close();
      await simulator.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
