import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EMBEDDED_FILE } from '@nmcp/queue';
import type { Settings } from '@nmcp/settings';

/**
 * What tells a queue from another one. Of Redis there is one name: the same server can be reached by several, and may be another
 * one after a failover. The embedded one is a file.
 */
export async function queueName({
  redisUrl,
  dataDir,
}: Pick<Settings, 'redisUrl' | 'dataDir'>): Promise<string> {
  if (redisUrl !== undefined) return 'Redis';
  const { ino, birthtimeMs } = await stat(join(dataDir, EMBEDDED_FILE));
  return `embedded ${ino} ${birthtimeMs}`;
}
