import type { Caller } from '@nmcp/access';
import { appliedScanOf } from '@nmcp/inventory';
import { queuedTask } from '@nmcp/tasks';
import {
  type ImportScanInput,
  isNmcpError,
  isoTime,
  MAX_TARGETS_LENGTH,
  messageOf,
  NmcpError,
  newTaskId,
  newTraceId,
  type QueuedTask,
  scannerTypeOf,
  type Task,
} from '@nmcp/types';
import { enqueueTask } from './enqueue_task.ts';
import { importReport } from './import_report.ts';
import { type Operation, operation } from './operation.ts';
import { requirePool, scansOfOthers } from './ownership.ts';
import type { Services } from './services.ts';

/** A scan that was started elsewhere, as a task. */
export interface ImportedScan {
  task: Task;
  /** The scanner's own word for its state; absent for a file. */
  word?: string | undefined;
}

/**
 * Makes a task from a scan that was not started here: one on a scanner, which is followed but never launched or stopped, or
 * a .nessus file in the import folder.
 *
 * @throws {NmcpError} `invalid_input`, `not_found`, `not_ready` for a scan that has never run, `damaged_document`,
 *   `scanner_unreachable`, `unavailable`, `storage`
 */
export const importScan: Operation<ImportScanInput, ImportedScan> = operation(
  { name: 'import_scan', scope: 'scan', toolsets: ['scan', 'results'], changes: true, cost: 9 },
  async (services, caller, input, signal) => {
    const { nessus_scan_id, file } = input;
    if ((nessus_scan_id === undefined) === (file === undefined))
      throw new NmcpError('invalid_input', 'import_scan: expected either nessus_scan_id or file', {
        title: 'Invalid input',
      });
    return nessus_scan_id === undefined
      ? { task: await importFile(services, caller, file ?? '', input.name) }
      : await attach(services, caller, nessus_scan_id, input, signal);
  },
);

async function importFile(
  services: Services,
  caller: Caller,
  file: string,
  name: string | undefined,
): Promise<Task> {
  const { importDir } = services;
  if (importDir === undefined)
    throw new NmcpError(
      'invalid_input',
      'import_scan: this server has no import folder; its operator can set IMPORT_DIR, or import the file with: nmcp import FILE.nessus',
      { title: 'Invalid input' },
    );
  const facts = { action: 'scan.import', caller: caller.name, file };
  const admit = (hosts: readonly string[]): Promise<void> =>
    admitImport(services, { hosts, pool: services.registry.defaultPool, caller: caller.name }, facts);
  const task = await importReport({ folder: importDir, file, name, owner: caller.name, admit }, services);
  await services.audit.append({ ...facts, decision: 'allowed', task_id: task.task_id });
  await intoInventory(services, task);
  return task;
}

/** So that whoever asks next finds it there; where that fails, a worker does it. */
async function intoInventory({ inventory, tasks, log }: Services, task: Task): Promise<void> {
  const { task_id } = task;
  try {
    await inventory.apply(await tasks.results(task), appliedScanOf(task));
  } catch (error) {
    log.warn({ task_id, reason: messageOf(error) }, 'the scan is taken into the inventory later');
  }
}

/** Asks the policy about the hosts of a report; that it denies them is audited. */
async function admitImport(
  { policy, audit }: Services,
  question: Parameters<Services['policy']['admitImport']>[0],
  facts: Record<string, string | number> & { action: string; caller: string },
): Promise<void> {
  try {
    await policy.admitImport(question);
  } catch (error) {
    await audit.append({ ...facts, decision: 'denied', reason: messageOf(error) });
    throw error;
  }
}

/** The worker follows the scan, reads its results and leaves it where it is. */
async function attach(
  services: Services,
  caller: Caller,
  scanId: number,
  { scanner_pool, scanner_instance, name }: ImportScanInput,
  signal: AbortSignal,
): Promise<ImportedScan> {
  const { registry, tasks, queue, log, audit } = services;
  const pool = requirePool(registry, scanner_pool, caller);
  const { found, instance } = await registry.ask(pool, scanner_instance, async (scanner, config) => {
    const found = await scanner.describeScan(scanId, { signal }).catch((error: unknown) => {
      throw isNmcpError(error, 'not_found') ? noSuchScan(scanId) : error;
    });
    // checked after asking the scanner: our own scans have their id in a task before they are launched, and a new one is rejected
    if ((await scansOfOthers(services, config, caller)).has(scanId)) throw noSuchScan(scanId);
    return { found, instance: config.instance_id };
  });
  if (found.isNew)
    throw new NmcpError(
      'not_ready',
      `Scan ${scanId} of the scanner ${instance} has never run; start it there, then import it`,
      { title: 'Not ready' },
    );
  // what it has scanned in the end is asked about when its results are read
  await admitImport(
    services,
    { hosts: found.targets.split(/[\s,]+/).filter(Boolean), pool, caller: caller.name },
    { action: 'scan.attach', caller: caller.name, pool, scanner: instance, nessus_scan_id: scanId },
  );
  const scannerType = scannerTypeOf(pool);
  const now = services.clock();
  const task: QueuedTask = {
    ...queuedTask({
      task_id: newTaskId(scannerType, { now: new Date(now) }),
      trace_id: newTraceId(),
      scan_type: 'untrusted',
      scanner_type: scannerType,
      scanner_pool: pool,
      scanner_instance_id: instance,
      payload: {
        targets: found.targets.slice(0, MAX_TARGETS_LENGTH),
        name: name ?? (found.name || `Scan ${scanId}`),
        description: `Scan ${scanId} of the scanner ${instance}, which was started there`,
        schema_profile: 'brief',
      },
      created_at: isoTime(now),
    }),
    nessus_scan_id: scanId,
    owner: caller.name,
    attached: true,
  };
  const { task_id, trace_id } = task;
  await queue.ping(); // nothing is accepted that cannot be queued
  await audit.append({
    action: 'scan.attach',
    caller: caller.name,
    decision: 'allowed',
    task_id,
    pool,
    scanner: instance,
    nessus_scan_id: scanId,
  });
  await tasks.create(task);
  await enqueueTask(services, task);
  log.info({ task_id, trace_id, pool, nessus_scan_id: scanId }, 'scan attached');
  return { task, word: found.word };
}

/** The same error for a scan that does not exist and for another caller's. */
function noSuchScan(scanId: number): NmcpError {
  return new NmcpError('not_found', `The scanner has no scan ${scanId} that can be imported`, {
    title: 'Scan not found',
  });
}
