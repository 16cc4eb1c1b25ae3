// Stores an export of so many bytes in a bucket, in a process of its own. Usage: node bucket_once.mjs upload|ours BYTES FOLDER
import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { openBucket } from '@nmcp/bucket';
import { BucketFiles } from '@nmcp/tasks/bucket';
import { newTaskId } from '@nmcp/types';

const [how, size, folder] = process.argv.slice(2);
const bytes = Number(size);
const CHUNK = 262_144;

/** What a scanner sends. */
async function* sent() {
  const piece = Buffer.alloc(CHUNK, '<ReportItem pluginID="10180" severity="0">\n');
  for (let left = bytes; left > 0; left -= CHUNK) yield piece.subarray(0, Math.min(left, CHUNK));
}

const ways = {
  async ours() {
    const bucket = openBucket({ url: 's3://bench/ours' });
    const files = new BucketFiles({ dataDir: folder, bucket, maxBytes: 1e12 });
    const id = newTaskId('nessus');
    await files.makeFolder(id);
    await files.save(id, Readable.from(sent()), { fence: 1 }, async () => {});
  },
  /** By the library as its documentation shows it. */
  async upload() {
    const client = new S3Client({ forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' });
    const params = { Bucket: 'bench', Key: 'upload', Body: Readable.from(sent()) };
    await new Upload({ client, params }).done();
  },
};

const idle = process.memoryUsage().rss / 1e6;
const begun = performance.now();
await ways[how]();
const seconds = (performance.now() - begun) / 1000;
console.log(JSON.stringify({ seconds, above_idle_mb: (process.resourceUsage().maxRSS * 1024) / 1e6 - idle }));
