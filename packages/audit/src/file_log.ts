import { constants, createReadStream, existsSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { AuditEntry, AuditEvent } from './audit_entry.ts';
import type { AuditStore, Sealing } from './audit_store.ts';
import { LogWriter } from './log_writer.ts';

/** A log in a file. */
export class FileLog implements AuditStore {
  readonly name: string;
  readonly #writer: LogWriter;

  constructor(path: string) {
    this.name = path;
    this.#writer = new LogWriter(path);
  }

  async write(events: readonly AuditEvent[], sealing: Sealing): Promise<AuditEntry[]> {
    await mkdir(dirname(this.name), { recursive: true, mode: 0o700 });
    return await this.#writer.write(events, sealing);
  }

  async exists(): Promise<boolean> {
    return existsSync(this.name);
  }

  async restore(entries: readonly AuditEntry[]): Promise<void> {
    await mkdir(dirname(this.name), { recursive: true, mode: 0o700 });
    const file = await open(
      this.name,
      constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW,
      0o600,
    );
    try {
      await file.appendFile(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  lines(): AsyncIterable<string> {
    return createInterface({ input: createReadStream(this.name), crlfDelay: Number.POSITIVE_INFINITY });
  }
}
