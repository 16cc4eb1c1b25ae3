import { isNmcpError, type Task } from '@nmcp/types';
import type { ScanRun } from '../scan_run.ts';

/** Longest wait between two looks, in milliseconds. */
const LOOK_MS = 5000;

/**
 * Reads the task of a claim. One that is not there, or half there, is waited for: over NFS a file can show up a minute after
 * it was written, and its entry is in the queue before.
 */
export async function readClaimed(run: ScanRun): Promise<Task> {
  const { tasks, appearMs, wheel } = run.context;
  const until = performance.now() + appearMs;
  for (let waitMs = LOOK_MS / 50; ; waitMs = Math.min(2 * waitMs, LOOK_MS)) {
    try {
      return await tasks.read(run.id);
    } catch (error) {
      const mayPass = isNmcpError(error, 'not_found') || isNmcpError(error, 'internal');
      if (!mayPass || performance.now() > until) throw error;
      run.log.warn({ reason: error.message }, 'waits for the task to be readable');
    }
    await wheel.sleep(waitMs, run.signal);
  }
}
