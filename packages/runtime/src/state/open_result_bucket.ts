import { isWrongSetting, openBucket } from '@nmcp/bucket';
import type { Settings } from '@nmcp/settings';
import { BucketFiles } from '@nmcp/tasks/bucket';
import { isNmcpError, NmcpError } from '@nmcp/types';
import type { OpenStateOptions, ResultBucket } from './state.ts';

/**
 * Opens the bucket of the results, and sees that it can be written.
 *
 * @throws {NmcpError} `invalid_config` for a bucket that is missing, or refuses; one that is only away will come back
 */
export async function openResultBucket(
  { url, encryption, cacheBytes }: NonNullable<Settings['results']>,
  dataDir: string,
  { onlyReads = false }: OpenStateOptions,
): Promise<ResultBucket> {
  const bucket = openBucket({ url, encryption });
  if (!onlyReads)
    await bucket.check().catch((error: unknown) => {
      if (isNmcpError(error, 'storage') && isWrongSetting(error))
        throw new NmcpError('invalid_config', `RESULTS_URL: ${error.message}`, { cause: error });
    });
  return {
    where: bucket.name,
    files: new BucketFiles({ dataDir, bucket, maxBytes: cacheBytes }),
    look: async () => void (await bucket.read('.look')), // nothing there is an answer, too
    close: () => bucket[Symbol.dispose](),
  };
}
