import type { Clock } from '@nmcp/types';
import { notFound, Refusal } from './refusal.ts';

/** Formats of an export. */
export type ExportFormat = 'nessus' | 'csv' | 'html' | 'pdf' | 'db';

/** A file that was asked for. */
export interface ExportFile {
  readyAt: number;
  /** Of a scan, or of a policy. */
  kind: 'scan' | 'policy';
  id: number;
  format: ExportFormat;
  historyId?: number | undefined;
}

/** Simulated seconds that writing an export takes. */
const EXPORT_SECONDS = 1;

/** Files that were asked for. */
export class Exports {
  readonly #speed: number;
  readonly #clock: Clock;
  /** Each by its token, and by `scan/file`. */
  readonly #files = new Map<string, ExportFile>();

  /** @param speed simulated seconds that pass in a real one */
  constructor(speed: number, clock: Clock) {
    this.#speed = speed;
    this.#clock = clock;
  }

  /** Begins to write a file. */
  start(file: number, content: Omit<ExportFile, 'readyAt'>): { file: number; token: string } {
    const token = crypto.randomUUID().replaceAll('-', '');
    const entry = { ...content, readyAt: this.#clock() + (EXPORT_SECONDS * 1000) / this.#speed };
    this.#files.set(token, entry);
    this.#files.set(`${content.id}/${file}`, entry);
    return { file, token };
  }

  /** @param key a token, or `scan/file` */
  status(key: string): 'loading' | 'ready' {
    return this.#clock() >= this.#get(key).readyAt ? 'ready' : 'loading';
  }

  /** A file that is written. @throws {Refusal} 409 */
  written(key: string): ExportFile {
    if (this.status(key) !== 'ready') throw new Refusal(409, 'The export is not ready');
    return this.#get(key);
  }

  /** Forgets a file, by all of its keys. */
  forget(...keys: readonly string[]): void {
    for (const key of keys) this.#files.delete(key);
  }

  /** Makes a file that of another scan. */
  redirect(scanId: number, ...keys: readonly string[]): void {
    for (const key of keys) {
      const { historyId: _, ...file } = this.#get(key);
      this.#files.set(key, { ...file, id: scanId });
    }
  }

  entries(): [string, ExportFile][] {
    return [...this.#files];
  }

  restore(entries: readonly [string, ExportFile][]): void {
    for (const [key, file] of entries) this.#files.set(key, file);
  }

  #get(key: string): ExportFile {
    const entry = this.#files.get(key);
    if (!entry) throw notFound();
    return entry;
  }
}
