import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, storing, writeAtomic } from '@nmcp/files';
import { scannerAddress, type TaskId } from '@nmcp/types';

/** Whose scan it is, and of which task. */
export interface ScanOwner {
  /** Name of the caller; absent for a task of v3.0. */
  owner?: string | undefined;
  task_id: TaskId;
}

/** A record of a scan, by the name that its scanner's address makes. */
export interface OwnedScan extends ScanOwner {
  scanner: string;
  scanId: number;
}

/**
 * Who owns which scan on which scanner, kept until the scan is deleted there: it outlives the task and its folder. A scanner is
 * known by its address, whichever pools it is in.
 */
export interface ScanOwners {
  /** Writes down whose a scan is. @throws {NmcpError} `storage`, `unavailable` */
  note(url: string, scanId: number, owner: ScanOwner): Promise<void>;
  /** The scans on a scanner that belong to others. */
  othersOn(url: string, caller: string): Promise<ReadonlySet<number>>;
  /** Forgets a scan that was deleted on its scanner, which may use its number again. */
  forget(url: string, scanId: number): Promise<void>;
  /** All records, in whatever order. */
  all(): Promise<OwnedScan[]>;
  /** Puts a record of another store. */
  restore(scan: OwnedScan): Promise<void>;
}

const FOLDER = '.scan-owners';

/**
 * Owners of scans in files. A record is named after the scan and its owner's hash, so that one look at a folder says whose
 * everything is.
 */
export class ScanOwnerFiles implements ScanOwners {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, FOLDER);
  }

  note(url: string, scanId: number, { owner, task_id }: ScanOwner): Promise<void> {
    return this.restore({ scanner: scannerKey(url), scanId, owner, task_id });
  }

  async restore({ scanner, scanId, owner, task_id }: OwnedScan): Promise<void> {
    const folder = join(this.#folder, scanner);
    await storing(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
    const text = JSON.stringify({ owner, task_id });
    await writeAtomic(join(folder, nameOf(scanId, owner)), [new TextEncoder().encode(text)]);
  }

  async othersOn(url: string, caller: string): Promise<ReadonlySet<number>> {
    const own = nameOf(0, caller).slice(1);
    const names = await this.#namesOn(url);
    const others = names.filter((name) => !name.endsWith(own)).flatMap(scanIdOf);
    const mine = new Set(names.filter((name) => name.endsWith(own)).flatMap(scanIdOf));
    return new Set(others.filter((id) => !mine.has(id)));
  }

  async forget(url: string, scanId: number): Promise<void> {
    const folder = join(this.#folder, scannerKey(url));
    const names = (await this.#namesOn(url)).filter((name) => scanIdOf(name).includes(scanId));
    await Promise.all(names.map((name) => rm(join(folder, name), { force: true })));
  }

  async all(): Promise<OwnedScan[]> {
    const scanners = await namesIn(this.#folder);
    const found = await Promise.all(
      scanners.map(async (scanner) => {
        const folder = join(this.#folder, scanner);
        const names = (await namesIn(folder)).filter((name) => scanIdOf(name).length > 0);
        return await Promise.all(
          names.map(async (name): Promise<OwnedScan> => {
            // written by `restore`
            const record = JSON.parse(await readFile(join(folder, name), 'utf8')) as ScanOwner;
            return { scanner, scanId: scanIdOf(name)[0] ?? 0, ...record };
          }),
        );
      }),
    );
    return found.flat();
  }

  #namesOn(url: string): Promise<string[]> {
    return namesIn(join(this.#folder, scannerKey(url)));
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** A scanner's address as a name. */
export function scannerKey(url: string): string {
  return scannerAddress(url).replaceAll(/[^a-z0-9.-]/g, '_');
}

function nameOf(scanId: number, owner: string | undefined): string {
  return `${scanId}-${createHash('sha256')
    .update(owner ?? '')
    .digest('hex')
    .slice(0, 32)}`;
}

function scanIdOf(name: string): number[] {
  const id = /^(\d+)-[0-9a-f]{32}$/.exec(name)?.[1];
  return id === undefined ? [] : [Number(id)];
}
