import type {
  RunAuthenticatedScanInput,
  RunUntrustedScanInput,
  ScanCredentials,
  ScanType,
  Task,
  TaskId,
} from '@nmcp/types';

/** What a caller wants to have scanned. */
export interface Submission {
  /** What was asked for; hashed to tell an honest repeat from another request under the same key. */
  request: RunUntrustedScanInput;
  scanType: ScanType;
  credentials?: ScanCredentials | undefined;
}

/** A question to the person who asked for a scan. The task that it is about is written already, and waits. */
export interface ApprovalQuestion {
  task_id: TaskId;
  /** Why it is asked, such as `it logs in to hosts (default.approval.credentialed)`. */
  reason: string;
  targets: string;
  name: string;
  scan_type: ScanType;
  scanner_pool: string;
}

/** What became of a submission. */
export interface SubmittedScan {
  task: Task;
  /**
   * - `queued`: it waits for a scanner
   * - `approval`: it waits for somebody to approve it
   * - `refused`: the person who was asked said no
   * - `repeat`: an earlier call with this idempotency key made the task
   */
  outcome: 'queued' | 'approval' | 'refused' | 'repeat';
  /** The scanner that was asked for, or the one that would be taken now. */
  scanner_instance: string | null;
  scanner_url: string | null;
  /** From 1; null for a task that stands in no queue. */
  queue_position: number | null;
  estimated_wait_minutes: number | null;
  /** With the outcome `approval`, when the person who asked for the scan may decide: see `answerApproval`. */
  question?: ApprovalQuestion | undefined;
}

/** A submission without credentials. */
export function untrusted(request: RunUntrustedScanInput): Submission {
  return { request, scanType: 'untrusted' };
}

/** A submission with credentials: the request as it would be without. */
export function authenticated(
  input: RunAuthenticatedScanInput,
  credentials: ScanCredentials | undefined,
): Submission {
  const { targets, name, description, schema_profile, idempotency_key, scanner_pool, scanner_instance } =
    input;
  const request = {
    ...{ targets, name, description, schema_profile, idempotency_key },
    ...{ scanner_pool, scanner_instance },
  };
  return { request, scanType: input.scan_type, credentials };
}
