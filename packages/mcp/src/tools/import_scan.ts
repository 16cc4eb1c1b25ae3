import { importReport } from '@nmcp/results';
import { entryOf, queuedTask } from '@nmcp/tasks';
import {
  type ImportScanInput,
  ImportScanInputSchema,
  type ImportScanOutput,
  isNmcpError,
  isoTime,
  MAX_TARGETS_LENGTH,
  NmcpError,
  newTaskId,
  newTraceId,
  scannerTypeOf,
} from '@nmcp/types';
import { defineTool, type Tool, type ToolCall } from '../define_tool.ts';
import { TASK_SHAPE } from '../output_shape.ts';
import { ownPool, scansOfOthers } from '../own_task.ts';
import type { Services } from '../services.ts';

/** Makes a task of a scan that somebody else ran. */
export const importScan: Tool = defineTool({
  name: 'import_scan',
  title: 'Import a scan',
  description:
    'Make a task of a scan that was not started here, so that its findings can be read: a scan on the scanner by nessus_scan_id, running or finished (list_scanner_scans has them), or a .nessus file by its name. A running scan is followed and never stopped. Works with every Nessus licence, also those that cannot start scans by API. E.g. {"nessus_scan_id": 42}',
  input: ImportScanInputSchema,
  output: { ...TASK_SHAPE, name: 'string', message: 'string' },
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  scope: 'scan',
  toolsets: ['scan', 'results'],
  async run(input, services, call): Promise<ImportScanOutput> {
    const { nessus_scan_id, file } = input;
    if ((nessus_scan_id === undefined) === (file === undefined))
      throw new NmcpError('invalid_input', 'import_scan: expected either nessus_scan_id or file', {
        title: 'Invalid input',
      });
    return nessus_scan_id === undefined
      ? await importFile(file ?? '', input.name, services, call)
      : await attach(nessus_scan_id, input, services, call);
  },
});

async function importFile(
  file: string,
  name: string | undefined,
  services: Services,
  { caller }: ToolCall,
): Promise<ImportScanOutput> {
  const { importDir } = services;
  if (importDir === undefined)
    throw new NmcpError(
      'invalid_input',
      'import_scan: this server has no import folder; its operator names one as IMPORT_DIR, or imports the file with: nmcp import FILE.nessus',
      { title: 'Invalid input' },
    );
  const task = await importReport({ folder: importDir, file, name, owner: caller.name }, services);
  await services.audit.append({
    action: 'scan.import',
    caller: caller.name,
    decision: 'allowed',
    task_id: task.task_id,
    file,
  });
  return {
    task_id: task.task_id,
    status: task.status,
    name: task.payload.name,
    message: 'Imported. Read it with get_scan_summary and get_scan_results.',
  };
}

/** The worker follows the scan, reads its results and leaves it where it is. */
async function attach(
  scanId: number,
  { scanner_pool, scanner_instance, name }: ImportScanInput,
  services: Services,
  { signal, caller }: ToolCall,
): Promise<ImportScanOutput> {
  const { registry, tasks, queue, clock, log, metrics, audit } = services;
  const pool = ownPool(registry, scanner_pool, caller);
  const { found, instance } = await registry.ask(pool, scanner_instance, async (scanner, config) => {
    const found = await scanner.describeScan(scanId, { signal }).catch((error: unknown) => {
      throw isNmcpError(error, 'not_found') ? noSuchScan(scanId) : error;
    });
    // asked after the scanner: a scan of ours has its number in a task before it is launched, and a new one is refused
    if ((await scansOfOthers(tasks, config, caller)).has(scanId)) throw noSuchScan(scanId);
    return { found, instance: config.instance_id };
  });
  if (found.isNew)
    throw new NmcpError(
      'not_ready',
      `Scan ${scanId} of the scanner ${instance} has never run; start it there, then import it`,
      { title: 'Not ready' },
    );
  const scanner_type = scannerTypeOf(pool);
  const task = {
    ...queuedTask({
      task_id: newTaskId(scanner_type, { now: new Date(clock()) }),
      trace_id: newTraceId(),
      scan_type: 'untrusted',
      scanner_type,
      scanner_pool: pool,
      scanner_instance_id: instance,
      payload: {
        targets: found.targets.slice(0, MAX_TARGETS_LENGTH),
        name: name ?? (found.name || `Scan ${scanId}`),
        description: `Scan ${scanId} of the scanner ${instance}, which was started there`,
        schema_profile: 'brief',
      },
      created_at: isoTime(clock()),
    }),
    nessus_scan_id: scanId,
    owner: caller.name,
    attached: true as const,
  };
  await audit.append({
    action: 'scan.attach',
    caller: caller.name,
    decision: 'allowed',
    task_id: task.task_id,
    pool,
    scanner: instance,
    nessus_scan_id: scanId,
  });
  await tasks.create(task);
  try {
    await queue.enqueue(entryOf(task));
  } catch (error) {
    await tasks.remove(task.task_id);
    throw error;
  }
  metrics.scans.inc({ scan_type: task.scan_type, status: 'queued' });
  log.info({ task_id: task.task_id, trace_id: task.trace_id, pool, nessus_scan_id: scanId }, 'scan attached');
  return {
    task_id: task.task_id,
    status: 'queued',
    name: task.payload.name,
    message: `The scan is ${found.word} on the scanner. Follow it with get_scan_status; when it is completed, read it with get_scan_results.`,
  };
}

/** The same for one that is not there and for one of another caller's. */
function noSuchScan(scanId: number): NmcpError {
  return new NmcpError(
    'not_found',
    `The scanner has no scan ${scanId} that can be imported; list_scanner_scans has those that can`,
    { title: 'Scan not found' },
  );
}
