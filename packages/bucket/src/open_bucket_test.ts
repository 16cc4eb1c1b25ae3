import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type PrivateS3, startS3, tempFolder } from '@nmcp/test-support';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bucket, openBucket } from './open_bucket.ts';

test.for(['http://bucket', 's3://B', 's3://key:secret@bucket/x', 's3://bucket/a b', 's3:///x'])(
  '%s is no place for results, and is not repeated',
  (url) => {
    expect(() => openBucket({ url })).toThrow(/RESULTS_URL must be s3:\/\/BUCKET or s3:\/\/BUCKET\/PREFIX/);
    expect(() => openBucket({ url })).not.toThrow(/secret@/);
  },
);

test('encryption is of a kind that S3 has', () => {
  expect(() => openBucket({ url: 's3://bucket', encryption: 'rot13' })).toThrow(
    'RESULTS_ENCRYPTION must be AES256, aws:kms or aws:kms:KEY, found "rot13"',
  );
});

/** Sets variables of the environment. @returns what puts back what was there */
function setEnvironment(changed: Readonly<Record<string, string>>): () => void {
  const before = { ...process.env };
  Object.assign(process.env, changed);
  return () => {
    for (const name of Object.keys(changed)) {
      const was = before[name];
      if (was === undefined) delete process.env[name];
      else process.env[name] = was;
    }
  };
}

test('a server that accepts and stays silent holds nobody up', async () => {
  const silent = createTcpServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as { port: number };
  const putBack = setEnvironment({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' });
  using bucket = openBucket({
    url: 's3://exports',
    environment: { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` },
  });
  await expect(bucket.check(200)).rejects.toMatchObject({
    code: 'storage',
    message: expect.stringContaining('The bucket s3://exports does not answer'),
  });
  putBack();
  silent.close();
});

const s3: PrivateS3 | undefined = await startS3();
afterAll(() => s3?.[Symbol.asyncDispose]());

describe.skipIf(!s3)('a bucket', () => {
  let putBack = (): void => {};
  beforeAll(async () => {
    putBack = setEnvironment({ ...s3?.environment });
    await new S3Client({ forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: 'exports' }));
  });
  afterAll(() => putBack());

  function openIt(url = 's3://exports/tests', environment = process.env): Bucket {
    return openBucket({ url, environment });
  }

  async function bytesOf(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of source) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  test('takes a file of several parts, and gives it back', async () => {
    await using folder = await tempFolder();
    using bucket = openIt();
    const content = randomBytes(40_000_000);
    const path = join(folder.path, 'file');
    await writeFile(path, content);
    const uploaded = await bucket.upload('a/1.nessus', path);
    expect(uploaded).toEqual({
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    });
    expect((await bytesOf(bucket.download('a/1.nessus', uploaded))).equals(content)).toBe(true);
    const keys: string[] = [];
    for await (const key of bucket.list('a/')) keys.push(key);
    expect(keys).toEqual(['a/1.nessus']);
    await bucket.remove(keys);
    await expect(bytesOf(bucket.download('a/1.nessus', uploaded))).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('an object that is another one than was uploaded is refused, at its end', async () => {
    await using folder = await tempFolder();
    using bucket = openIt();
    await writeFile(join(folder.path, 'file'), 'one');
    const uploaded = await bucket.upload('c', join(folder.path, 'file'));
    await bucket.write('c', 'two');
    await expect(bytesOf(bucket.download('c', uploaded))).rejects.toMatchObject({
      code: 'storage',
      message: 's3://exports/tests/c is damaged: its SHA-256 is another one',
    });
  });

  test('a download that breaks off goes on from there', async () => {
    await using folder = await tempFolder();
    const content = randomBytes(3_000_000);
    await writeFile(join(folder.path, 'file'), content);
    using straight = openIt();
    const uploaded = await straight.upload('b', join(folder.path, 'file'));
    let broken = 0;
    // passes everything on, and breaks the first answers off in their middle
    const proxy = createServer((incoming, answer) => {
      const onward = request(
        `${s3?.endpoint}${incoming.url}`,
        { method: incoming.method, headers: incoming.headers },
        (got) => {
          answer.writeHead(got.statusCode ?? 500, got.headers);
          let passed = 0;
          got.on('data', (chunk: Buffer) => {
            passed += chunk.length;
            if (broken < 3 && passed > 200_000) {
              broken++;
              answer.destroy();
              onward.destroy();
            } else answer.write(chunk);
          });
          got.on('end', () => answer.end());
        },
      );
      onward.on('error', () => answer.destroy());
      incoming.pipe(onward);
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const { port } = proxy.address() as { port: number };
    using bucket = openIt('s3://exports/tests', { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` });
    expect((await bytesOf(bucket.download('b', uploaded))).equals(content)).toBe(true);
    expect(broken).toBe(3);
    proxy.closeAllConnections();
    proxy.close();
  });

  test('short texts are there or not', async () => {
    using bucket = openIt();
    expect(await bucket.read('note')).toBeUndefined();
    await bucket.write('note', '{"bytes":1}');
    expect(await bucket.read('note')).toBe('{"bytes":1}');
    await bucket.check();
  });

  test.for([
    ['s3://missing', {}, 'does not exist; create it, or correct RESULTS_URL'],
    ['s3://exports', { AWS_SECRET_ACCESS_KEY: 'wrong' }, 'refuses the secret of AWS_SECRET_ACCESS_KEY'],
    [
      's3://exports',
      { AWS_ACCESS_KEY_ID: 'test:reader', AWS_SECRET_ACCESS_KEY: 'reading' },
      'refuses these credentials',
    ],
    ['s3://exports', { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' }, 'does not answer: ECONNREFUSED'],
  ] as const)('%s with %j says what is wrong', async ([url, changed, what]) => {
    const putBackAll = setEnvironment(changed);
    try {
      using bucket = openIt(url);
      await expect(bucket.check()).rejects.toMatchObject({
        code: 'storage',
        message: expect.stringContaining(what),
      });
    } finally {
      putBackAll();
    }
  });
});
