import type { AuditLog } from '@nmcp/audit';
import type { ScanPolicy } from '@nmcp/policy';
import type { Claim, TaskQueue } from '@nmcp/queue';
import type { AcquiredScanner, ScannerRegistry } from '@nmcp/registry';
import { validateResults } from '@nmcp/results';
import { CANCELED_MESSAGE, type TaskStore } from '@nmcp/tasks';
import { inSpan, type Logger, type Metrics } from '@nmcp/telemetry';
import {
  type Clock,
  isFinal,
  isNmcpError,
  isoTime,
  NmcpError,
  parseTime,
  type Task,
  type TaskId,
} from '@nmcp/types';
import type { Vault } from '@nmcp/vault';
import { countVerdict } from './count_verdict.ts';
import { markerOf } from './marker.ts';
import { openCredentials } from './seal_claim.ts';
import type { TimerWheel } from './timer_wheel.ts';
import { tracedScanner } from './traced_scanner.ts';
import { type RetryPolicy, whileUnreachable } from './while_unreachable.ts';

/** What a run needs. */
export interface RunContext {
  tasks: TaskStore;
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
  /** For calls to a scanner that does not answer. */
  retry: RetryPolicy;
  /** Times that a task is begun when its workers end without a word. */
  maxAttempts: number;
  /** Milliseconds between two looks for a free slot. */
  slotWaitMs: number;
  /** Milliseconds between two tries while the disk takes no writes. */
  diskWaitMs: number;
}

/** What ends a run early. */
export interface RunSignals {
  /** The process stops: the step under way is finished, and no other begun. */
  stopping: AbortSignal;
  /** Another worker has the task: nothing more may be done. */
  lost: AbortSignal;
}

/** How a scan ended. */
export type FinalTask = Extract<Task, { status: 'completed' | 'failed' | 'timeout' }>;

/** One task's way from its claim to its final state. Every step can be cut off and begun again by another worker. */
export class TaskRun {
  readonly #context: RunContext;
  readonly #claim: Claim;
  readonly #log: Logger;
  readonly #signal: AbortSignal;
  readonly #lost: AbortSignal;
  readonly #onSlot: (slot: AcquiredScanner) => void;

  constructor(
    context: RunContext,
    claim: Claim,
    log: Logger,
    signals: RunSignals,
    onSlot: (slot: AcquiredScanner) => void,
  ) {
    this.#context = context;
    this.#claim = claim;
    this.#log = log;
    this.#signal = AbortSignal.any([signals.stopping, signals.lost]);
    this.#lost = signals.lost;
    this.#onSlot = onSlot;
  }

  get #id(): TaskId {
    return this.#claim.entry.task_id;
  }

  /**
   * Runs the scan, or goes on with it where another worker left off.
   *
   * @throws the signal's reason when the run has to end without the task being done; {@linkcode NmcpError} when the scan failed
   */
  run(): Promise<void> {
    const { entry, pool } = this.#claim;
    const attributes = { 'nmcp.task_id': entry.task_id, 'nmcp.trace_id': entry.trace_id, 'nmcp.pool': pool };
    const { traceparent } = entry;
    return inSpan('scan', { kind: 'consumer', parent: { traceparent }, attributes }, () => this.#run());
  }

  async #run(): Promise<void> {
    const task = await this.#context.tasks.read(this.#id);
    if (isFinal(task.status)) return; // it was done, and only the queue did not know
    if (task.approval?.state === 'pending') return; // whoever approves it puts it into the queue again
    this.#refusePoison();
    const slot = await this.#waitForSlot(task);
    this.#onSlot(slot);
    try {
      const running = await this.#begin(task, slot);
      await this.#stopIfCanceled(running, slot);
      const scanId = await this.#createOnce(running, slot);
      const end = await this.#follow(scanId, running, slot);
      if (end === 'timeout')
        await this.#endWithoutResults(
          'timeout',
          `The scan ran longer than ${this.#context.scanTimeoutMs / 3_600_000} hours and was stopped`,
        );
      else await this.#store(scanId, running, slot);
    } finally {
      await slot.release();
    }
  }

  /** A task that ends every worker that takes it must not end all of them. */
  #refusePoison(): void {
    const { length } = this.#claim.attempts;
    if (length < this.#context.maxAttempts) return;
    throw new NmcpError(
      'internal',
      `Given up after ${length} attempts: each time the worker ended without a word`,
    );
  }

  #isCanceled(): Promise<boolean> {
    return this.#context.queue.isCancelRequested(this.#claim.pool, this.#id);
  }

  /** A task that was canceled while nobody held it may have a scan on the scanner already. */
  async #stopIfCanceled(task: Task, { scanner }: AcquiredScanner): Promise<void> {
    if (!(await this.#isCanceled())) return;
    const options = { signal: this.#signal };
    await this.#retrying(async () => {
      const scanId =
        task.nessus_scan_id ??
        (await scanner.findByMarker(this.#marker, { ...options, name: task.payload.name }));
      if (scanId !== undefined && !task.attached) await scanner.stop(scanId, options);
    });
    throw canceled();
  }

  get #marker(): string {
    return markerOf({ task_id: this.#id });
  }

  /** Writes down that the task failed, if that can still be written. */
  async fail(error: unknown): Promise<void> {
    const code = isNmcpError(error) ? error.code : 'internal';
    const message = isNmcpError(error)
      ? error.message
      : 'An unexpected error occurred; the log has its details';
    await this.#endWithoutResults('failed', message, code);
  }

  /** A task that ran before stays with its scanner, since its scan is there. */
  async #waitForSlot(task: Task): Promise<AcquiredScanner> {
    const { registry, leaseMs, slotWaitMs } = this.#context;
    const options = {
      instanceId: task.scanner_instance_id ?? this.#claim.entry.scanner_instance_id ?? undefined,
      resumes: task.status === 'running',
    };
    while (true) {
      const slot = await registry.acquire(this.#claim.pool, this.#id, leaseMs, options);
      if (slot) return { ...slot, scanner: tracedScanner(slot.scanner, slot.config.instance_id) };
      if (task.status === 'queued' && (await this.#isCanceled())) throw canceled();
      await this.#context.wheel.sleep(slotWaitMs, this.#signal);
    }
  }

  async #begin(task: Task, slot: AcquiredScanner): Promise<Task> {
    const { metrics, clock } = this.#context;
    const pool = this.#claim.pool;
    if (task.status === 'queued')
      metrics.queueWait.observe({ pool }, Math.max(0, clock() - parseTime(task.created_at)) / 1000);
    const expiries = this.#claim.attempts.length + 1 - (task.attempts ?? 1);
    if (expiries > 0) metrics.leaseExpiries.inc({ pool }, expiries);
    const running = await this.#change((before) => ({
      ...before,
      status: 'running',
      started_at: before.started_at ?? isoTime(this.#context.clock()),
      completed_at: null,
      scanner_instance_id: slot.config.instance_id,
      attempts: this.#claim.attempts.length + 1,
    }));
    this.#log.info(
      { scanner: slot.config.instance_id, attempt: this.#claim.attempts.length + 1 },
      task.status === 'running' ? 'task resumed' : 'task started',
    );
    return running;
  }

  /**
   * Creates and launches the scan. A scan that an earlier try has created is found by its marker, so that a crash, or an
   * answer that got lost, never starts a second one.
   */
  async #createOnce(task: Task, { scanner, config }: AcquiredScanner): Promise<number> {
    const marker = this.#marker;
    const { name, description } = task.payload;
    // a stop waits for these: cut off, they would leave a scan that has to be looked for
    const finishing = { signal: this.#lost };
    if (task.attached) return await this.#attach(task, scanner);
    let admitted = false;
    const scanId = await this.#retrying(async () => {
      const known =
        task.nessus_scan_id ?? (await scanner.findByMarker(marker, { signal: this.#signal, name }));
      if (known !== undefined) return known;
      const targets = await this.#admit(task, task.payload.targets, config.instance_id);
      const credentials = await openCredentials(task, this.#context.vault);
      const request = { targets, name, description, credentials, marker, scanType: task.scan_type };
      const created = await scanner.createScan(request, finishing);
      admitted = true;
      return created;
    });
    if (task.nessus_scan_id === null) {
      await this.#change((before) => ({ ...before, nessus_scan_id: scanId }));
      this.#log.info({ nessus_scan_id: scanId }, 'scan created');
    }
    await this.#retrying(async () => {
      if (!admitted) await this.#admitCreated(scanId, task, { scanner, config });
      admitted = false; // a launch that has to be tried again may come after the window's end
      await scanner.launch(scanId, finishing);
    });
    return scanId;
  }

  /** A scan that was created a while ago and never launched is asked about anew; one that may not run is removed. */
  async #admitCreated(
    scanId: number,
    task: Task,
    { scanner, config }: Pick<AcquiredScanner, 'scanner' | 'config'>,
  ): Promise<void> {
    const { isNew, targets } = await scanner.describeScan(scanId, { signal: this.#signal });
    if (!isNew) return;
    try {
      // what stands on the scanner has its names pinned; a scanner that does not say is asked about the request
      await this.#admit(task, targets || task.payload.targets, config.instance_id);
    } catch (error) {
      if (isNmcpError(error, 'policy_denied')) await scanner.delete(scanId, { signal: this.#signal });
      throw error;
    }
  }

  /**
   * What may be launched: the policy is asked again, since names can have other addresses now, and names are launched with
   * the addresses that were checked.
   */
  async #admit(task: Task, wanted: string, scanner: string): Promise<string> {
    const { policy, audit } = this.#context;
    const { owner = 'local', scan_type, payload, approval } = task;
    const facts = {
      action: 'scan.launch',
      caller: owner,
      task_id: this.#id,
      pool: this.#claim.pool,
      scanner,
      scan_type,
    };
    try {
      const question = { targets: wanted, pool: this.#claim.pool, caller: owner };
      const { targets } = await policy.admit(question);
      const credentialed = payload.credentials !== undefined;
      const need = policy.approvalNeed({ ...question, targets, credentialed });
      if (need && approval?.state !== 'approved')
        throw new NmcpError(
          'policy_denied',
          `Nobody was asked, and the scan needs a person's yes, since ${need.reason}. Submit it again`,
          { title: 'Denied by policy' },
        );
      await audit?.append({ ...facts, targets, decision: 'allowed' });
      return targets;
    } catch (error) {
      if (isNmcpError(error, 'policy_denied'))
        await audit?.append({
          ...facts,
          targets: wanted,
          decision: 'denied',
          reason: error.message,
        });
      // a name server that does not answer is waited for, as a scanner is
      if (isNmcpError(error, 'unavailable'))
        throw new NmcpError('scanner_unreachable', error.message, { cause: error });
      throw error;
    }
  }

  /** A scan that somebody else made is only followed. */
  async #attach(task: Task, scanner: AcquiredScanner['scanner']): Promise<number> {
    const scanId = task.nessus_scan_id;
    if (scanId === null) throw new NmcpError('internal', 'The task names no scan to attach to');
    const { isNew } = await this.#retrying(() => scanner.describeScan(scanId, { signal: this.#signal }));
    if (isNew) throw new NmcpError('scanner_error', `Scan ${scanId} of the scanner has never run`);
    return scanId;
  }

  /** Watches the scan until it is done. */
  async #follow(scanId: number, task: Task, { scanner }: AcquiredScanner): Promise<'completed' | 'timeout'> {
    const { clock, poll, scanTimeoutMs } = this.#context;
    const startedAt = parseTime(task.started_at ?? '') || clock();
    const begun = clock();
    let progress = task.progress ?? -1;
    while (true) {
      const status = await this.#look(scanner.status(scanId, { signal: this.#signal }));
      if (status?.phase === 'completed') return 'completed';
      if (status?.phase === 'failed') {
        throw new NmcpError(
          'scanner_error',
          `The scan ended on the scanner without finishing: its status is ${status.word}`,
        );
      }
      if (status && status.progress !== progress) {
        progress = status.progress;
        await this.#change((before) => ({ ...before, progress }));
      }
      const stop = async (): Promise<void> => {
        if (!task.attached) await this.#retrying(() => scanner.stop(scanId, { signal: this.#signal }));
      };
      if (await this.#isCanceled()) {
        await stop();
        throw canceled();
      }
      if (clock() - startedAt > scanTimeoutMs) {
        await stop();
        return 'timeout';
      }
      const wait = Math.min(poll.maxMs, Math.max(poll.minMs, (clock() - begun) / 8)); // sooner at the start
      await this.#context.wheel.sleep(wait, this.#signal);
    }
  }

  /** A scanner that does not answer for a while does not end a scan that runs on it; the time limit does. */
  async #look<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (isNmcpError(error, 'not_found'))
        throw new NmcpError('scanner_error', 'The scan was deleted on the scanner', { cause: error });
      if (!isNmcpError(error, 'scanner_unreachable')) throw error;
      this.#log.warn({ reason: error.message }, 'scanner did not answer');
      return undefined;
    }
  }

  async #store(scanId: number, task: Task, { scanner }: AcquiredScanner): Promise<void> {
    const { tasks, metrics } = this.#context;
    const pool = this.#claim.pool;
    const begun = performance.now();
    const bytes = await this.#retrying(async () =>
      tasks.saveResults(this.#id, await scanner.exportResults(scanId, { signal: this.#signal })),
    );
    const stored = performance.now();
    metrics.exportBytes.inc({ pool }, bytes);
    metrics.exportDuration.observe({ pool }, (stored - begun) / 1000);
    this.#log.info({ bytes }, 'results stored');
    const verdict = await inSpan('read results', { attributes: { 'nmcp.bytes': bytes } }, () =>
      validateResults(tasks.paths(this.#id).native, {
        // who made an attached scan knows whether it has credentials
        ...(task.attached ? {} : { credentialsGiven: task.scan_type !== 'untrusted' }),
      }),
    );
    metrics.conversionBytes.inc(bytes);
    metrics.conversionSeconds.inc((performance.now() - stored) / 1000);
    countVerdict(metrics, task, verdict);
    if (!verdict.valid) throw new NmcpError('damaged_document', verdict.message);
    await this.#finish((before) => ({
      ...before,
      status: 'completed',
      completed_at: isoTime(this.#context.clock()),
      progress: 100,
      validation_stats: verdict.stats,
      validation_warnings: verdict.warnings,
      authentication_status: verdict.authentication_status,
    }));
  }

  async #endWithoutResults(status: 'failed' | 'timeout', message: string, reason?: string): Promise<void> {
    await this.#finish((before) => {
      // a task that failed before it ran says when it was taken up all the same
      const started_at = before.started_at ?? (status === 'timeout' ? before.created_at : null);
      return {
        ...before,
        status,
        started_at,
        completed_at: isoTime(this.#context.clock()),
        error_message: message,
        ...(reason ? { failure_reason: reason } : {}),
      };
    });
  }

  async #finish(change: (task: Task) => FinalTask): Promise<void> {
    const task = await this.#change((before) => withoutCredentials(change(before)));
    const { metrics } = this.#context;
    metrics.scans.inc({ scan_type: task.scan_type, status: task.status });
    if (task.started_at && task.completed_at)
      metrics.taskDuration.observe((parseTime(task.completed_at) - parseTime(task.started_at)) / 1000);
    this.#log.info({ status: task.status, reason: task.error_message ?? undefined }, 'task ended');
  }

  #change(change: (task: Task) => Task): Promise<Task> {
    return this.#context.tasks.change(this.#id, this.#claim.fence, change);
  }

  #retrying<T>(action: () => Promise<T>): Promise<T> {
    return whileUnreachable(this.#context.retry, this.#context.wheel, this.#signal, action);
  }
}

function canceled(): NmcpError {
  return new NmcpError('canceled', CANCELED_MESSAGE);
}

function withoutCredentials<T extends Task>(task: T): T {
  const { credentials: _, ...payload } = task.payload;
  return { ...task, payload };
}
