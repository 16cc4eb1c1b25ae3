import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Bucket, isWrongSetting, type Uploaded } from '@nmcp/bucket';
import { errorCode, FileLooks, storing, writeAtomic } from '@nmcp/files';
import { isNmcpError, NmcpError, type Task, type TaskId } from '@nmcp/types';
import { ResultFiles } from '../result_files.ts';
import type { SaveResultsOptions } from '../task_store.ts';
import { COPY_NOTE, LocalCopies } from './local_copies.ts';

/** Options of {@linkcode BucketFiles}. */
export interface BucketFilesOptions {
  /** Folder of the copies. */
  dataDir: string;
  bucket: Bucket;
  /** Bytes of copies, with their indexes, after which those that were not used for longest are dropped. */
  maxBytes: number;
}

/** Milliseconds for which an upload is tried again before the worker waits as for a full disk. */
const UPLOAD_PATIENCE_MS = 600_000;
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [500, 15_000];
/** An index belongs to one export; another one of the same size would not be told apart. */
const INDEX = 'findings.db';

/**
 * Exports in a bucket; the folders of tasks hold copies of them.
 *
 * Each holder of a task writes objects of its own, named by its fence: `TASK/FENCE.nessus`, and when that is whole `TASK/FENCE.json`
 * with its size and SHA-256. The state of the task says which fence counts, so a holder that was overtaken writes what nobody reads,
 * and nothing needs a conditional write.
 */
export class BucketFiles extends ResultFiles {
  readonly #bucket: Bucket;
  readonly #copies: LocalCopies;
  readonly #looks: FileLooks;
  /** Fences of the copies that are known to be there. */
  readonly #fences = new Map<TaskId, number>();
  readonly #fetching = new Map<TaskId, Promise<void>>();

  constructor({ dataDir, bucket, maxBytes }: BucketFilesOptions) {
    super(dataDir);
    this.#bucket = bucket;
    this.#copies = new LocalCopies(dataDir, maxBytes);
    this.#looks = new FileLooks(dataDir);
  }

  override async save(
    id: TaskId,
    source: AsyncIterable<Uint8Array>,
    options: SaveResultsOptions,
    beforeCommit: () => Promise<void>,
  ): Promise<number> {
    const { fence = 0 } = options;
    await this.#forget(id);
    const bytes = await super.save(id, source, options, beforeCommit);
    const uploaded = await this.#upload(`${id}/${fence}.nessus`, this.paths(id).native, beforeCommit);
    await beforeCommit();
    await this.#publish(id, fence, uploaded);
    await this.#copies.makeRoom(0);
    return bytes;
  }

  /** The copy is here already, so only the upload is tried again, for as long as the holder may go on. */
  async #upload(key: string, path: string, mayGoOn: () => Promise<void>): Promise<Uploaded> {
    const giveUpAt = performance.now() + UPLOAD_PATIENCE_MS;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      try {
        return await this.#bucket.upload(key, path);
      } catch (error) {
        const mayPass = isNmcpError(error, 'storage') && !isWrongSetting(error);
        if (!mayPass || performance.now() > giveUpAt) throw error;
      }
      await setTimeout(waitMs);
      await mayGoOn();
    }
  }

  /** @throws {NmcpError} `not_found` when the export went; `storage` when the bucket or the disk refuses */
  override async local(task: Task): Promise<string> {
    const { task_id: id, lease_fence: fence = 0 } = task;
    const { native } = this.paths(id);
    for (;;) {
      if (this.#fences.get(id) === fence && (await this.#looks.lookAt(native))?.isFile()) break;
      const fetching =
        this.#fetching.get(id) ?? this.#fetch(id, fence).finally(() => this.#fetching.delete(id));
      this.#fetching.set(id, fetching);
      await fetching;
    }
    await this.#copies.touch(id);
    return native;
  }

  override async remove(id: TaskId): Promise<void> {
    const keys: string[] = [];
    for await (const key of this.#bucket.list(`${id}/`)) keys.push(key);
    // what says that an export is there goes first
    await this.#bucket.remove(keys.filter((key) => key.endsWith('.json')));
    await this.#bucket.remove(keys.filter((key) => !key.endsWith('.json')));
    this.#fences.delete(id);
    await super.remove(id);
  }

  async #fetch(id: TaskId, fence: number): Promise<void> {
    if ((await this.#noted(id)) === fence && (await this.#looks.lookAt(this.paths(id).native))?.isFile()) {
      this.#fences.set(id, fence);
      return;
    }
    const found = await this.#find(id, fence);
    if (!found) return await this.#adopt(id, fence);
    const [written, uploaded] = found;
    await this.makeFolder(id);
    await this.#forget(id);
    const { native, folder } = this.paths(id);
    await rm(join(folder, INDEX), { force: true });
    await this.#copies.makeRoom(uploaded.bytes);
    await writeAtomic(native, this.#bucket.download(`${id}/${written}.nessus`, uploaded));
    await this.#remember(id, fence);
  }

  /** An export that was stored here before there was a bucket is uploaded by the first who asks for it. */
  async #adopt(id: TaskId, fence: number): Promise<void> {
    const { native } = this.paths(id);
    if (!(await this.#looks.lookAt(native))?.isFile())
      throw new NmcpError(
        'not_found',
        `The results of this scan are no longer stored: ${this.#bucket.name}/${id} has none`,
        { title: 'Results not found' },
      );
    await this.#publish(id, fence, await this.#bucket.upload(`${id}/${fence}.nessus`, native));
  }

  /** Says in the bucket, and then here, that an export is whole. */
  async #publish(id: TaskId, fence: number, uploaded: Uploaded): Promise<void> {
    await this.#bucket.write(`${id}/${fence}.json`, JSON.stringify(uploaded));
    await this.#remember(id, fence);
  }

  /** The export of a holder, or else the last one before it. */
  async #find(id: TaskId, fence: number): Promise<[fence: number, Uploaded] | undefined> {
    const own = await this.#bucket.read(`${id}/${fence}.json`);
    if (own !== undefined) return [fence, uploadedOf(own)];
    const fences: number[] = [];
    for await (const key of this.#bucket.list(`${id}/`)) {
      const [, number] = /\/(\d+)\.json$/.exec(key) ?? [];
      if (number !== undefined && Number(number) < fence) fences.push(Number(number));
    }
    const last = Math.max(...fences);
    const text = fences.length > 0 ? await this.#bucket.read(`${id}/${last}.json`) : undefined;
    return text === undefined ? undefined : [last, uploadedOf(text)];
  }

  /** Whose copy it is, by the note beside it. */
  async #noted(id: TaskId): Promise<number | undefined> {
    const text = await readFile(this.#note(id), 'utf8').catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
      throw error;
    });
    return text === undefined ? undefined : Number(text);
  }

  /** The note stands only beside a copy that is whole. */
  async #forget(id: TaskId): Promise<void> {
    this.#fences.delete(id);
    await storing(this.#note(id), () => rm(this.#note(id), { force: true }));
  }

  async #remember(id: TaskId, fence: number): Promise<void> {
    await writeAtomic(this.#note(id), [new TextEncoder().encode(String(fence))]);
    this.#fences.set(id, fence);
  }

  #note(id: TaskId): string {
    return join(this.paths(id).folder, COPY_NOTE);
  }
}

function uploadedOf(text: string): Uploaded {
  const { bytes, sha256 } = JSON.parse(text) as Partial<Uploaded>;
  if (!Number.isSafeInteger(bytes) || typeof sha256 !== 'string')
    throw new NmcpError('storage', 'The bucket has something else where the size of an export should stand');
  return { bytes: bytes ?? 0, sha256 };
}
