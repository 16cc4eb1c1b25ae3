import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
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
  upload(key: string, path: string): Promise<Uploaded>;
  /** Writes a short text. */
  write(key: string, text: string): Promise<void>;
  /** A short text; `undefined` where there is none. */
  read(key: string): Promise<string | undefined>;
  /**
   * An object by ranges, each asked for again where the connection broke.
   *
   * @throws {NmcpError} `not_found` when it is gone; `storage`, behind its last byte, when it is not what was uploaded
   */
  download(key: string, uploaded: Uploaded): AsyncGenerator<Uint8Array>;
  /** Keys that begin so. */
  list(beginning: string): AsyncGenerator<string>;
  remove(keys: readonly string[]): Promise<void>;
  /**
   * Writes an object and removes it.
   *
   * @param withinMs @default 10_000
   * @throws {NmcpError} `storage` that says what is wrong
   */
  check(withinMs?: number): Promise<void>;
}

/** S3 takes parts of 5 MB at least, and 10,000 of them: 80 GB. Four are in memory at a time. */
const PART_BYTES = 8_388_608;
const PARTS_AT_ONCE = 3;
const RANGE_BYTES = 33_554_432;
/** Times that a range is asked for without a byte coming. */
const MAX_TRIES = 5;
const REMOVED_AT_ONCE = 10;
/** Milliseconds for a connection to stand, and for one that stands to say something. */
const [CONNECT_MS, SILENCE_MS] = [5000, 60_000];
/** A start waits for so long; a bucket that answers later is used later. */
const CHECK_MS = 10_000;

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
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENCE_MS },
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
    async upload(key, path) {
      const { size: bytes } = await stat(path);
      const [hash, file] = [createHash('sha256'), createReadStream(path, { highWaterMark: 1_048_576 })];
      const body = Readable.from(hashed(file, hash));
      const params = { ...at(key), Body: body, ContentType: 'application/xml', ...encrypted };
      const upload = new Upload({ client, params, partSize: PART_BYTES, queueSize: PARTS_AT_ONCE });
      await asked(() => upload.done()).finally(() => body.destroy());
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
    async *download(key, { bytes, sha256 }) {
      const hash = createHash('sha256');
      for (let [from, tries] = [0, 0]; from < bytes; ) {
        const Range = `bytes=${from}-${Math.min(from + RANGE_BYTES, bytes) - 1}`;
        const before = from;
        try {
          const { Body } = await client.send(new GetObjectCommand({ ...at(key), Range }));
          for await (const chunk of hashed(Body as AsyncIterable<Uint8Array>, hash)) {
            from += chunk.length;
            yield chunk;
          }
          if (from === before) throw new Error('an empty answer');
        } catch (error) {
          if (isNoSuchKey(error)) throw gone();
          tries = from > before ? 1 : tries + 1;
          if (tries >= MAX_TRIES) throw bucketError(error, name);
        }
      }
      if (hash.digest('hex') !== sha256)
        throw new NmcpError('storage', `${name}/${key} is damaged: its SHA-256 is another one`, {
          title: 'Storage error',
        });
    },
    check: (withinMs = CHECK_MS) =>
      asked(async () => {
        const key = at(`.check-${randomBytes(6).toString('hex')}`);
        const Body = 'written by Nessus MCP to see that it can; it may be removed\n';
        const within = { abortSignal: AbortSignal.timeout(withinMs) };
        await client.send(new PutObjectCommand({ ...key, Body, ...encrypted }), within);
        await client.send(new DeleteObjectCommand(key), within);
      }),
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
