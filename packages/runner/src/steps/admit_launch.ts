import { lookUpFacts } from '@nmcp/policy';
import type { AcquiredScanner } from '@nmcp/registry';
import { isNmcpError, messageOf, NmcpError, type Task } from '@nmcp/types';
import type { ScanRun } from '../scan_run.ts';

/**
 * What may be launched: the policy is asked again, since names can have other addresses now, and names are launched with
 * the addresses that were checked. The decision goes to the audit log.
 *
 * @returns the targets, names pinned to their addresses
 * @throws {NmcpError} `policy_denied`, or `scanner_unreachable` when a name server does not answer
 */
export async function admitLaunch(
  run: ScanRun,
  task: Task,
  wanted: string,
  scanner: string,
): Promise<string> {
  const { policy, audit } = run.context;
  const { pool } = run.claim;
  const { owner = 'local', scan_type, payload, approval } = task;
  const facts = { action: 'scan.launch', caller: owner, task_id: run.id, pool, scanner, scan_type };
  try {
    const question = {
      targets: wanted,
      pool,
      caller: owner,
      boundTo: task.credential_targets,
      isLaunch: true,
    };
    const admission = await policy.admit(question);
    const { targets } = admission;
    const credentialed = payload.credentials !== undefined;
    const need = policy.approvalNeed({ ...question, targets, credentialed });
    if (need && approval?.state !== 'approved')
      throw new NmcpError(
        'policy_denied',
        `The scan needs approval, which it never got: ${need.reason}. Submit it again`,
        { title: 'Denied by policy' },
      );
    await audit?.append({ ...facts, targets, ...lookUpFacts(admission), decision: 'allowed' });
    return targets;
  } catch (error) {
    // a name server that does not answer is waited for, as a scanner is, also about a name of a rule
    const silence = [error, error instanceof Error ? error.cause : undefined].find((each) =>
      isNmcpError(each, 'unavailable'),
    );
    if (silence !== undefined)
      throw new NmcpError('scanner_unreachable', messageOf(error), { cause: silence });
    if (isNmcpError(error, 'policy_denied'))
      await audit?.append({
        ...facts,
        targets: wanted,
        decision: 'denied',
        reason: error.message,
      });
    throw error;
  }
}

/** A scan that was created a while ago and never launched is asked about anew; one that may not run is removed. */
export async function admitCreated(
  run: ScanRun,
  scanId: number,
  task: Task,
  { scanner, config }: AcquiredScanner,
): Promise<void> {
  const { isNew, targets } = await scanner.describeScan(scanId, { signal: run.signal });
  if (!isNew) return;
  try {
    // what stands on the scanner has its names pinned; a scanner that does not say is asked about the request
    await admitLaunch(run, task, targets || task.payload.targets, config.instance_id);
  } catch (error) {
    if (isNmcpError(error, 'policy_denied')) await scanner.delete(scanId, { signal: run.signal });
    throw error;
  }
}
