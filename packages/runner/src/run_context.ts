import type { AuditLog } from '@nmcp/audit';
import type { ScanPolicy } from '@nmcp/policy';
import type { TaskQueue } from '@nmcp/queue';
import type { ScannerRegistry } from '@nmcp/registry';
import type { Results } from '@nmcp/results';
import type { TaskStore } from '@nmcp/tasks';
import type { Metrics } from '@nmcp/telemetry';
import type { Clock } from '@nmcp/types';
import type { Vault } from '@nmcp/vault';
import type { RetryPolicy } from './retry_while_unreachable.ts';
import type { TimerWheel } from './timer_wheel.ts';

/** What all runs of a worker share: its stores, its settings, its timers. */
export interface RunContext {
  tasks: TaskStore;
  results: Pick<Results, 'validate'>;
  queue: TaskQueue;
  registry: ScannerRegistry;
  metrics: Metrics;
  clock: Clock;
  policy: ScanPolicy;
  vault: Vault | undefined;
  audit: AuditLog | undefined;
  wheel: TimerWheel;
  leaseMs: number;
  /** Longest and shortest time between two looks at a running scan, in milliseconds. */
  poll: { minMs: number; maxMs: number };
  /** Milliseconds after which a scan is stopped. */
  scanTimeoutMs: number;
  /** Bytes that the report of a scan may have. */
  maxExportBytes: number;
  /** Milliseconds for which a scanner has to say that a scan is gone until it counts. */
  goneMs: number;
  /** For calls to a scanner that does not answer. */
  retry: RetryPolicy;
  /**
   * Milliseconds for which a call that was sent and not answered is looked for on the scanner, before it is made again:
   * longer than the client waits for an answer.
   */
  observeMs: number;
  /** Times that a task is begun when its workers end without a word. */
  maxAttempts: number;
  /** Milliseconds between two looks for a free slot. */
  slotWaitMs: number;
  /** Milliseconds for which the task of a claim may not be readable yet. */
  appearMs: number;
  /** Milliseconds between two tries while the disk takes no writes. */
  diskWaitMs: number;
}
