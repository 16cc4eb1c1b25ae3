import { statfs } from 'node:fs/promises';
import { NmcpError } from '@nmcp/types';

/** What an export may take. */
export interface ExportBounds {
  /** Bytes of one export. */
  maxBytes: number;
  /** Bytes that are free where it is stored. */
  freeBytes: () => Promise<number>;
}

/** Bytes that stay free for everything else: tasks, the audit log, the queue. */
const RESERVE_BYTES = 67_108_864;
/** Bytes after which the disk is looked at again. */
const LOOK_BYTES = 16_777_216;

/** Bytes that a folder's disk has left for us. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/**
 * Passes an export on as long as it is no larger than it may be and the disk has room.
 *
 * @throws {NmcpError} `scanner_error` for one that is too large; `storage`, as of a full disk, which is waited for
 */
export async function* boundedExport(
  source: AsyncIterable<Uint8Array>,
  { maxBytes, freeBytes }: ExportBounds,
): AsyncGenerator<Uint8Array> {
  let [bytes, lookAt] = [0, 0];
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new NmcpError(
        'scanner_error',
        `The scanner's report is larger than ${maxBytes / 1e9} GB (EXPORT_MAX_GB): split the scan, or let an operator raise the limit`,
        { title: 'Report too large' },
      );
    if (bytes >= lookAt) {
      if ((await freeBytes()) < RESERVE_BYTES + LOOK_BYTES) throw diskFull();
      lookAt = bytes + LOOK_BYTES;
    }
    yield chunk;
  }
}

function diskFull(): NmcpError {
  const cause = Object.assign(new Error('the disk is nearly full'), { code: 'ENOSPC' });
  return new NmcpError('storage', 'The disk has no room for the results of the scan', { cause });
}
