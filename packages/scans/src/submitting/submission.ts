import type { ReadyScanner } from '@nmcp/registry';
import type {
  RunAuthenticatedScanInput,
  RunUntrustedScanInput,
  ScanCredentials,
  ScanScope,
  ScanType,
  Task,
  TaskId,
} from '@nmcp/types';

/** A scan that a caller submits. */
export interface Submission {
  /** The request as sent; hashed to tell a genuine retry from another request with the same key. */
  request: RunUntrustedScanInput;
  scanType: ScanType;
  credentials?: ScanCredentials | undefined;
  /** Networks and names that they may be used on. */
  boundTo?: readonly string[] | undefined;
  /** It runs some plugins only. */
  scope?: ScanScope | undefined;
}

/** A question to the person who submitted a scan. The task is already written, and waits for the answer. */
export interface ApprovalQuestion {
  task_id: TaskId;
  /** Why approval is needed, such as `it logs in to hosts (default.approval.credentialed)`. */
  reason: string;
  targets: string;
  name: string;
  scan_type: ScanType;
  scanner_pool: string;
}

/** The outcome of a submission. */
export interface SubmittedScan {
  task: Task;
  /**
   * - `queued`: it waits for a scanner
   * - `approval`: it waits for approval
   * - `refused`: the person who was asked refused it
   * - `repeat`: an earlier call with this idempotency key created the task
   */
  outcome: 'queued' | 'approval' | 'refused' | 'repeat';
  /** The requested scanner, or the one that would be chosen now. */
  scanner_instance: string | null;
  scanner_url: string | null;
  /** From 1; null for a task that is in no queue. */
  queue_position: number | null;
  estimated_wait_minutes: number | null;
  /** Every scanner that it could get loads at the moment: it begins when one is ready. */
  loading?: readonly ReadyScanner[] | undefined;
  /** Why it would only wait, and what to do about it, in sentences; absent where it would run. */
  waits?: readonly string[] | undefined;
  /** With the outcome `approval`, if the person who submitted the scan may decide: see `answerApproval`. */
  question?: ApprovalQuestion | undefined;
}

/** A submission without credentials. */
export function untrusted(request: RunUntrustedScanInput): Submission {
  return { request, scanType: 'untrusted' };
}

/** A submission with credentials. */
export function authenticated(
  input: RunAuthenticatedScanInput,
  { credentials, boundTo }: Pick<Submission, 'credentials' | 'boundTo'>,
): Submission {
  const { targets, name, description, schema_profile, idempotency_key } = input;
  const { scanner_pool, scanner_instance, plugin_ids, verify } = input;
  const request = {
    ...{ targets, name, description, schema_profile, idempotency_key },
    ...{ scanner_pool, scanner_instance, plugin_ids, verify },
  };
  return { request, scanType: input.scan_type, credentials, boundTo };
}
