import { isWrongSetting, openBucket } from '@nmcp/bucket';
import type { Settings } from '@nmcp/settings';
import { BucketFiles } from '@nmcp/tasks/bucket';
import { isNmcpError, NmcpError } from '@nmcp/types';
import type { ResultBucket } from './state.ts';

/** Opens the bucket of the results. @throws {NmcpError} `invalid_config` */
export function openResultBucket(
  { url, encryption, cacheBytes }: NonNullable<Settings['results']>,
  dataDir: string,
): ResultBucket {
  const bucket = openBucket({ url, encryption });
  return {
    where: bucket.name,
    files: new BucketFiles({ dataDir, bucket, maxBytes: cacheBytes }),
    requireWritable: () =>
      bucket.check().catch((error: unknown) => {
        if (isNmcpError(error, 'storage') && isWrongSetting(error))
          throw new NmcpError('invalid_config', `RESULTS_URL: ${error.message}`, { cause: error });
      }),
    look: async () => void (await bucket.read('.look')), // nothing there is an answer, too
    close: () => bucket[Symbol.dispose](),
  };
}
