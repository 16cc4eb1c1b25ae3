import { atMost, inTempFolder, ratioAtLeast, startS3 } from '@nmcp/test-support';
import { here, median, runJson } from './measure.mjs';

const BYTES = 1e9;
const ROUNDS = 3;

/** An export of 1 GB into a bucket, against a plain multipart upload by the same library. */
export function bucket(say) {
  return inTempFolder(async (folder) => {
    const s3 = await startS3();
    if (!s3) return [];
    try {
      await s3.makeBucket('bench');
      Object.assign(process.env, s3.environment);
      return await measure(folder, say);
    } finally {
      await s3[Symbol.asyncDispose]();
    }
  });
}

async function measure(folder, say) {
  const seconds = { upload: [], ours: [] };
  let aboveIdle = 0;
  for (let round = 0; round < ROUNDS; round++)
    for (const how of ['upload', 'ours']) {
      say(`${how}, round ${round + 1} of ${ROUNDS}`);
      const measured = runJson(process.execPath, [here('bucket_once.mjs'), how, String(BYTES), folder]);
      seconds[how].push(measured.seconds);
      if (how === 'ours') aboveIdle = Math.max(aboveIdle, measured.above_idle_mb);
    }
  const rate = (how) => BYTES / 1e6 / median(seconds[how]);
  return [
    ratioAtLeast(
      'export of 1 GB to a bucket, by way of the disk',
      'MB/s',
      rate('ours'),
      'a plain multipart upload by the same library',
      rate('upload'),
      0.7,
    ),
    atMost('memory above idle', 'MB', aboveIdle, 120),
  ];
}
