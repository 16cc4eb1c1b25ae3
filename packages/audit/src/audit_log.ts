import { type Clock, messageOf, NmcpError, systemClock } from '@nmcp/types';
import type { AuditEntry, AuditEvent } from './audit_entry.ts';
import { auditKeys } from './audit_key.ts';
import type { AuditStore, Sealing } from './audit_store.ts';
import { FileLog } from './file_log.ts';

/** Options of {@linkcode AuditLog}. */
export interface AuditLogOptions {
  /**
   * Secret keys of any length, the newest first: the first seals, all verify. Without one, who may write the file can write
   * a whole new one. @default none
   */
  keys?: readonly Uint8Array[] | undefined;
  /** Told of each line when it is on disk. */
  onEntry?: ((entry: AuditEntry) => void) | undefined;
  /** @default the machine's clock */
  clock?: Clock | undefined;
}

/** An event that waits for its line. */
interface Waiting {
  event: AuditEvent;
  resolve(entry: AuditEntry): void;
  reject(error: unknown): void;
}

/** At most so many events become one write. */
const BATCH = 64;

/**
 * An append-only log that several processes write. Each line holds the hash of the one before, so that a line that is
 * changed, taken out or put in between is found; with a key, nobody else can write a chain that holds.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { AuditLog, verifyAuditLog } from '@nmcp/audit';
 *
 * const path = `${mkdtempSync('/tmp/audit-')}/audit.jsonl`;
 * const keys = [crypto.getRandomValues(new Uint8Array(32))];
 * const log = new AuditLog(path, { keys });
 * await log.append({ action: 'scan.submit', caller: 'alice', decision: 'allowed', targets: '10.0.0.1' });
 * console.assert((await verifyAuditLog(path, { keys })).valid);
 * ```
 */
export class AuditLog {
  readonly #store: AuditStore;
  readonly #sealing: Sealing;
  readonly #onEntry: (entry: AuditEntry) => void;
  readonly #waiting: Waiting[] = [];
  #isWriting = false;

  /** @param place path of a file, or another store */
  constructor(
    place: string | AuditStore,
    { keys = [], onEntry = () => {}, clock = systemClock }: AuditLogOptions = {},
  ) {
    this.#store = typeof place === 'string' ? new FileLog(place) : place;
    this.#sealing = { keys: auditKeys(keys), clock };
    this.#onEntry = onEntry;
  }

  /**
   * Writes a line; when it resolves, the line is on disk.
   *
   * @throws {NmcpError} `storage`, `unavailable`: what cannot be written down must not be done, and the line may still appear when the disk
   *   or the connection fails in the middle; `invalid_config` when the log is sealed under a key that is not here
   */
  append(event: AuditEvent): Promise<AuditEntry> {
    const written = new Promise<AuditEntry>((resolve, reject) => {
      this.#waiting.push({ event, resolve, reject });
    });
    if (!this.#isWriting) void this.#write();
    return written;
  }

  /** What comes while one write is under way goes into the next one. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH);
      try {
        const events = batch.map(({ event }) => event);
        const entries = await this.#store.write(events, this.#sealing);
        for (const entry of entries) {
          this.#onEntry(entry);
          this.#waiting.shift()?.resolve(entry);
        }
      } catch (error) {
        for (const { reject } of this.#waiting.splice(0, batch.length)) reject(this.#storageError(error));
      }
    }
    this.#isWriting = false;
  }

  #storageError(error: unknown): NmcpError {
    if (error instanceof NmcpError) return error;
    return new NmcpError('storage', `${this.#store.name} cannot be written: ${messageOf(error)}`, {
      title: 'Storage error',
      cause: error,
    });
  }
}
