import type { ScanState } from './scan_state.ts';
import type { Approval, AuthenticationStatus, ValidationStats } from './task.ts';

/** Answer of run_untrusted_scan and run_authenticated_scan. */
export interface SubmitScanOutput {
  task_id: string;
  trace_id: string;
  status: ScanState;
  scan_type: string;
  scanner_pool: string;
  /** The requested scanner, or the one with the most free capacity now; the worker decides. */
  scanner_instance: string | null;
  scanner_url: string | null;
  /** From 1 for the next to run; null when the task is no longer queued. */
  queue_position: number | null;
  estimated_wait_minutes: number | null;
  message: string;
  /** Present when a person must approve it first, or was asked. */
  approval?: Approval['state'];
  /** Present when an earlier call with this idempotency key created the task. */
  idempotent?: true;
}

/** Why authentication failed and what to try. */
export interface Troubleshooting {
  likely_cause: string;
  next_steps: string[];
}

/** Answer of get_scan_status. */
export interface ScanStatusOutput extends TaskListing {
  /** 0 to 100; present while running, 100 when completed. */
  progress?: number;
  authentication_status: AuthenticationStatus | null;
  validation_warnings: string[] | null;
  results_summary: ValidationStats | null;
  error_message: string | null;
  /** What it waits for, and for how long; present while it waits. */
  waiting?: string;
  /** It ended without being done, and what was found until then can be read. */
  partial?: true;
  /** Present when the policy requires approval. */
  approval?: Approval;
  failure_reason?: string;
  troubleshooting?: Troubleshooting;
  /** Of a scan of some plugins that has ended: what became of what they had found, or why nobody knows. */
  verified?: VerifiedFindings;
}

/** What a scan of some plugins says of findings. */
export interface VerifiedFindings {
  fixed: number;
  still_there: number;
  could_not_look: number;
  findings: {
    id: string;
    verdict: 'fixed' | 'still_there' | 'could_not_look';
    /** Why it could not look. */
    not_looked?: string;
  }[];
  findings_left_out?: number;
}

/** One task in the answer of list_tasks. */
export interface TaskListing {
  task_id: string;
  trace_id: string;
  status: ScanState;
  scan_type: string;
  scanner_type: string;
  scanner_pool: string;
  scanner_instance: string | null;
  /** Folded into networks and ranges where they are long. */
  targets: string;
  /** Addresses and names in them; present where they are folded. */
  target_count?: number;
  name: string;
  nessus_scan_id: number | null;
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
  /** When the scan ran, which for an import is not when its task was made; absent until its results are there. */
  scan_start?: string;
  scan_end?: string;
  policy_name?: string;
  /** Whether the scanner could log in. */
  credentialed?: AuthenticationStatus;
}

/** Answer of list_tasks. */
export interface ListTasksOutput {
  /** Without what is null; with V3_CLIENTS whole. */
  tasks: Partial<TaskListing>[];
  total: number;
}

/** One scanner in the answers of list_scanners and get_pool_status. */
export interface ScannerListing {
  scanner_type: string;
  pool: string;
  instance_id: string;
  /** `pool:instance` */
  instance_key: string;
  name: string;
  url: string;
  enabled: boolean;
  max_concurrent_scans: number;
  active_scans: number;
  available_capacity: number;
  utilization_pct: number;
  /** `open` when the scanner failed several times in a row, so that it gets no calls for a while. */
  circuit: 'closed' | 'open' | 'half-open';
  /** Why its last call failed; present while the circuit is not closed. */
  problem?: string;
  /** An operator has drained it: it finishes its running scans. */
  drained: boolean;
}

/** Answer of list_scanners. */
export interface ListScannersOutput {
  scanners: ScannerListing[];
  total: number;
  pools: string[];
  /** Present when the pool is not configured. */
  note?: string;
}

/** Answer of list_pools. */
export interface ListPoolsOutput {
  pools: string[];
  default_pool: string;
}

/** Answer of import_scan. */
export interface ImportScanOutput {
  task_id: string;
  status: ScanState;
  name: string;
  message: string;
}

/** A scan as its scanner lists it. */
export interface ScannerScanOutput {
  nessus_scan_id: number;
  name: string;
  /** The scanner's own word. */
  status: string;
  last_modified: string | null;
}

/** Answer of list_scanner_scans, newest first. */
export interface ListScannerScansOutput {
  scanner_instance: string;
  scans: ScannerScanOutput[];
  total: number;
}

/** Answer of get_pool_status. */
export interface PoolStatusOutput {
  pool: string;
  scanner_type: string;
  total_scanners: number;
  total_capacity: number;
  total_active: number;
  available_capacity: number;
  utilization_pct: number;
  scanners: ScannerListing[];
  /** Present when the pool is not configured. */
  note?: string;
}

/** A queue entry as get_queue_status shows it: without its credentials. */
export interface QueuedTaskListing {
  task_id: string;
  trace_id: string;
  scan_type: string;
  scanner_pool: string;
  scanner_instance_id: string | null;
  payload: Record<string, unknown>;
}

/** Answer of get_queue_status. */
export interface QueueStatusOutput {
  pool: string;
  queue_depth: number;
  dlq_size: number;
  /** The first three to run. */
  next_tasks: QueuedTaskListing[];
  timestamp: string;
  /** Present when the pool is not configured. */
  note?: string;
}
