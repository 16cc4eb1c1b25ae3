import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type ServerSideEncryption,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { NmcpError } from '@nmcp/types';
import { bucketError, isNoSuchKey } from './bucket_error.ts';

/** Options of {@linkcode openBucket}. */
export interface OpenBucketOptions {
  /** `s3://BUCKET` or `s3://BUCKET/PREFIX` */
  url: string;
  /** Encryption on the server: `AES256`, `aws:kms`, or `aws:kms:KEY`. @default the bucket's own */
  encryption?: string | undefined;
  /** The usual AWS variables: endpoint. Credentials and region are looked for where AWS's tools do. @default process.env */
  environment?: Readonly<Record<string, string | undefined>> | undefined;
}

/** What is known of a file that was uploaded. */
export interface Uploaded {
  bytes: number;
  /** SHA-256 of its bytes, in hexadecimal. */
  sha256: string;
}

/**
 * Objects under a prefix of a bucket. Keys stand behind the prefix. What fails is an `NmcpError` `storage` that says what the bucket
 * answered, and what to do.
 */
export interface Bucket extends Disposable {
  /** As people read it: `s3://bucket/prefix`. */
  readonly name: string;
  /** Uploads a file by parts; it is there whole or not at all. */
  upload(key: string, path: string, signal?: AbortSignal): Promise<Uploaded>;
  /** Writes a short text. */
  write(key: string, text: string): Promise<void>;
  /** A short text; `undefined` where there is none. */
  read(key: string): Promise<string | undefined>;
  /** An object by ranges, each asked for again where the connection broke. @throws {NmcpError} `not_found` when it is gone */
  download(key: string, bytes: number, signal?: AbortSignal): AsyncGenerator<Uint8Array>;
  /** Keys that begin so. */
  list(beginning: string): AsyncGenerator<string>;
  remove(keys: readonly string[]): Promise<void>;
  /** Ends uploads that nobody goes on with. @returns how many */
  abortUploads(olderThanMs: number): Promise<number>;
  /** Writes an object and removes it. @throws {NmcpError} `storage` that says what is wrong */
  check(): Promise<void>;
}

/** S3 takes parts of 5 MB at least, and 10,000 of them: 80 GB. Four are in memory at a time. */
const PART_BYTES = 8_388_608;
const PARTS_AT_ONCE = 3;
const RANGE_BYTES = 33_554_432;
/** Times that a range is asked for without a byte coming. */
const MAX_TRIES = 5;
const REMOVED_AT_ONCE = 10;

/**
 * Opens a bucket; nothing is asked yet.
 *
 * @throws {NmcpError} `invalid_config` for a wrong URL or kind of encryption
 *
 * @example
 * ```ts
 * import { openBucket } from '@nmcp/bucket';
 *
 * using bucket = openBucket({ url: 's3://security/exports', encryption: 'aws:kms' });
 * console.assert(bucket.name === 's3://security/exports'); // then bucket.upload('scan.nessus', path)
 * ```
 */
export function openBucket({ url, encryption, environment = process.env }: OpenBucketOptions): Bucket {
  const { bucket, prefix } = placeOf(url);
  const encrypted = encryptionOf(encryption);
  const name = `s3://${bucket}${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}`;
  // its version is the lock file's, and no operator can change that
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const endpoint = environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL;
  const client = new S3Client({
    // servers of others have the bucket in the path, and no checksums behind the body
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(environment.AWS_REGION || endpoint === undefined ? {} : { region: 'us-east-1' }),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 4,
  });
  const at = (key: string): { Bucket: string; Key: string } => ({ Bucket: bucket, Key: prefix + key });

  async function asked<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw bucketError(error, name);
    }
  }

  async function* pages(Prefix: string): AsyncGenerator<string> {
    let ContinuationToken: string | undefined;
    do {
      const page = await asked(() =>
        client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix + Prefix, ContinuationToken })),
      );
      for (const { Key } of page.Contents ?? []) if (Key) yield Key.slice(prefix.length);
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (ContinuationToken !== undefined);
  }

  /** One by one: the request for many has a checksum that not all servers know. */
  async function remove(keys: readonly string[]): Promise<void> {
    for (let from = 0; from < keys.length; from += REMOVED_AT_ONCE)
      await Promise.all(
        keys
          .slice(from, from + REMOVED_AT_ONCE)
          .map((key) => asked(() => client.send(new DeleteObjectCommand(at(key))))),
      );
  }

  const write = (key: string, Body: string): Promise<void> =>
    asked(async () => void (await client.send(new PutObjectCommand({ ...at(key), Body, ...encrypted }))));

  return {
    name,
    write,
    remove,
    list: pages,
    async upload(key, path, signal) {
      const hash = createHash('sha256');
      const { size: bytes } = await stat(path);
      const body = Readable.from(hashed(createReadStream(path, { highWaterMark: 1_048_576 }), hash));
      const params = { ...at(key), Body: body, ContentType: 'application/xml', ...encrypted };
      const upload = new Upload({ client, params, partSize: PART_BYTES, queueSize: PARTS_AT_ONCE });
      const abort = (): void => void upload.abort();
      signal?.throwIfAborted();
      signal?.addEventListener('abort', abort, { once: true });
      try {
        await asked(() => upload.done());
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      } finally {
        signal?.removeEventListener('abort', abort);
        body.destroy();
      }
      return { bytes, sha256: hash.digest('hex') };
    },
    read: (key) =>
      asked(async () => {
        try {
          const { Body } = await client.send(new GetObjectCommand(at(key)));
          return await Body?.transformToString();
        } catch (error) {
          if (isNoSuchKey(error)) return undefined;
          throw error;
        }
      }),
    async *download(key, bytes, signal) {
      for (let [from, tries] = [0, 0]; from < bytes; ) {
        const Range = `bytes=${from}-${Math.min(from + RANGE_BYTES, bytes) - 1}`;
        try {
          const { Body } = await client.send(new GetObjectCommand({ ...at(key), Range }), {
            ...(signal ? { abortSignal: signal } : {}),
          });
          for await (const chunk of Body as AsyncIterable<Uint8Array>) {
            [from, tries] = [from + chunk.length, 0];
            yield chunk;
          }
        } catch (error) {
          signal?.throwIfAborted();
          if (isNoSuchKey(error)) throw gone();
          if (++tries >= MAX_TRIES) throw bucketError(error, name);
        }
      }
    },
    abortUploads: (olderThanMs) =>
      asked(async () => {
        const { Uploads = [] } = await client.send(
          new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix }),
        );
        const old = Uploads.filter(
          ({ Initiated }) => Initiated && Date.now() - Initiated.getTime() > olderThanMs,
        );
        for (const { Key, UploadId } of old)
          await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
        return old.length;
      }),
    async check() {
      const key = `.check-${randomBytes(6).toString('hex')}`;
      await write(key, 'written by Nessus MCP to see that it can; it may be removed\n');
      await remove([key]);
    },
    [Symbol.dispose]: () => client.destroy(),
  };
}

async function* hashed(
  source: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

function gone(): NmcpError {
  return new NmcpError('not_found', 'The results of this scan are no longer stored', {
    title: 'Results not found',
  });
}

function placeOf(url: string): { bucket: string; prefix: string } {
  const [, bucket, path = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(url) ?? [];
  const prefix = path.replace(/\/+$/, '');
  // what was given is not repeated: it could hold a secret
  if (bucket === undefined || !/^[\w!.*'()/-]*$/.test(prefix) || prefix.length > 500)
    throw new NmcpError(
      'invalid_config',
      'RESULTS_URL must be s3://BUCKET or s3://BUCKET/PREFIX, without credentials; those come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the endpoint from AWS_ENDPOINT_URL_S3',
    );
  return { bucket, prefix: prefix === '' ? '' : `${prefix}/` };
}

function encryptionOf(encryption: string | undefined): {
  ServerSideEncryption?: ServerSideEncryption;
  SSEKMSKeyId?: string;
} {
  if (encryption === undefined) return {};
  const [, kind, key] = /^(AES256|aws:kms)(?::(.+))?$/.exec(encryption) ?? [];
  if (kind === undefined || (kind === 'AES256' && key !== undefined))
    throw new NmcpError(
      'invalid_config',
      `RESULTS_ENCRYPTION must be AES256, aws:kms or aws:kms:KEY, found ${JSON.stringify(encryption.slice(0, 60))}`,
    );
  return {
    ServerSideEncryption: kind as ServerSideEncryption, // one of its values
    ...(key === undefined ? {} : { SSEKMSKeyId: key }),
  };
}
