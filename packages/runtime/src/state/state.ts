import type { Tokens, TokenVersions } from '@nmcp/access';
import type { AuditStore } from '@nmcp/audit';
import type { DatabaseStatus } from '@nmcp/scans';
import type { ResultFiles, TaskStore } from '@nmcp/tasks';

/** What is kept of tasks, callers and decisions: in files, or in the database that TASKS_URL names. */
export interface State extends AsyncDisposable {
  tasks: TaskStore;
  tokens: Tokens;
  /** The same with their hashes. */
  tokenVersions: TokenVersions;
  audit: AuditStore;
  /** Absent for files. */
  database?: DatabaseStatus | undefined;
  /** Where the results of scans are. Absent: in folders. */
  bucket?: ResultBucket | undefined;
  /**
   * Says with which secret keys this process seals; what another one has sealed it could not open.
   *
   * @throws {NmcpError} `invalid_config` when a database is of processes with other keys
   */
  requireKeys(keys: readonly Uint8Array[]): Promise<void>;
  /**
   * Says which queue this process works on.
   *
   * @throws {NmcpError} `invalid_config` when processes on the same database work on another one
   */
  requireOneQueue(queue: string): Promise<void>;
}

/** A bucket with the results of scans. */
export interface ResultBucket {
  /** As people read it. */
  where: string;
  files: ResultFiles;
  /**
   * Writes something and removes it.
   *
   * @throws {NmcpError} `invalid_config` for a bucket that is missing, or refuses; one that is only away will come back
   */
  requireWritable(): Promise<void>;
  /** Asks it something. @throws {NmcpError} `storage` that says what is wrong */
  look(): Promise<void>;
  close(): void;
}

/** Options of {@linkcode openState}. */
export interface OpenStateOptions {
  /** Opens what a copy has not finished, too. @default false */
  copies?: boolean | undefined;
  /** Makes no folder and no table. @default false */
  onlyReads?: boolean | undefined;
  /** Told of a task that cannot be read. */
  onDamaged?: ((taskId: string, error: unknown) => void) | undefined;
}
