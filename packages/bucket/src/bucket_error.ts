import { messageOf, NmcpError } from '@nmcp/types';

/** What the bucket's answers mean, by the names that S3 has for them. */
const MEANINGS: Readonly<Record<string, string>> = {
  NoSuchBucket: 'does not exist; create it, or correct RESULTS_URL',
  InvalidBucketName: 'is not a name that the server takes; correct RESULTS_URL',
  AccessDenied: 'refuses these credentials: they need s3:GetObject, PutObject, DeleteObject, ListBucket',
  InvalidAccessKeyId: 'does not know the key of AWS_ACCESS_KEY_ID',
  SignatureDoesNotMatch: 'refuses the secret of AWS_SECRET_ACCESS_KEY',
  ExpiredToken: 'refuses the session: AWS_SESSION_TOKEN has expired',
  InvalidToken: 'refuses the session of AWS_SESSION_TOKEN',
  PermanentRedirect: 'is in another region; set AWS_REGION',
  AuthorizationHeaderMalformed: 'is in another region; set AWS_REGION',
  QuotaExceeded: 'is full',
  EntityTooLarge: 'takes no object of this size',
  CredentialsProviderError:
    'needs credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role',
};

/** What cannot pass by itself: somebody has to change a setting, or the bucket. */
const SETTINGS = new Set(Object.keys(MEANINGS).filter((name) => name !== 'QuotaExceeded'));

/** An answer of S3, or why there was none. */
interface Answered {
  name?: string;
  code?: string;
  $metadata?: { httpStatusCode?: number };
}

/** Whether a bucket said that it has no such object. */
export function isNoSuchKey(error: unknown): boolean {
  return ['NoSuchKey', 'NotFound'].includes((error as Answered | undefined)?.name ?? '');
}

/** Whether an error is one that waiting does not mend. */
export function isWrongSetting(error: NmcpError): boolean {
  return SETTINGS.has((error.cause as Answered | undefined)?.name ?? '');
}

/**
 * What a failure says of the bucket, as `storage`. No answer of the server is repeated but the name that it has for the failure: the error of the
 * library holds the request with its signature.
 *
 * @param bucket as people read it: `s3://bucket/prefix`
 */
export function bucketError(error: unknown, bucket: string): NmcpError {
  if (error instanceof NmcpError) return error;
  const { name = '', code, $metadata } = error as Answered;
  const status = $metadata?.httpStatusCode;
  const meaning =
    MEANINGS[name] ??
    (status !== undefined
      ? `answered ${status}${/^\w{1,60}$/.test(name) && name !== 'Error' ? ` ${name}` : ''}`
      : `does not answer: ${code ?? messageOf(error)}`);
  return new NmcpError('storage', `The bucket ${bucket} ${meaning}`, {
    title: 'Storage error',
    cause: Object.assign(new Error(name), {
      name,
      ...(code === undefined ? {} : { code }),
      $metadata: { httpStatusCode: status },
    }),
  });
}
