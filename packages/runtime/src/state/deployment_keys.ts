import { createHash } from 'node:crypto';
import type { Versions } from '@nmcp/files';
import { NmcpError } from '@nmcp/types';

/**
 * Holds the keys of a process against those of the others on a database: it has to have one that they know, and the others it
 * has are written down, so that keys can be replaced one after the other. Only hashes are kept.
 *
 * @param where the database
 * @throws {NmcpError} `invalid_config` when it has none of them: it belongs to another deployment, or got another key
 */
export async function requireSameKeys(
  versions: Versions,
  keys: readonly Uint8Array[],
  where: string,
): Promise<void> {
  const ours = keys.map(fingerprintOf);
  while (true) {
    const last = await versions.readLast();
    const known: string[] = last ? JSON.parse(last.text) : []; // written below
    if (ours.every((key) => known.includes(key))) return;
    if (known.length > 0 && !ours.some((key) => known.includes(key)))
      throw new NmcpError(
        'invalid_config',
        `TASKS_URL: the database at ${where} is that of processes with another secret key (${known.at(-1)}, and ours is ${ours[0]}). Give all processes of a deployment the same NMCP_SECRET_KEY or SECRET_KEY_FILE, and each deployment a database of its own`,
      );
    const all = [...new Set([...known, ...ours.toReversed()])];
    if (await versions.commit((last?.number ?? 0) + 1, JSON.stringify(all))) return;
  }
}

/** The beginning of a key's hash, as it stands in what was sealed with it. */
function fingerprintOf(key: Uint8Array): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16);
}
