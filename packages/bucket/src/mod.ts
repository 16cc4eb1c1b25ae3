/**
 * Exports of scans in a bucket of S3, whole or not there.
 *
 * @module
 */
export { bucketError, isWrongSetting } from './bucket_error.ts';
export { type Bucket, type OpenBucketOptions, openBucket, type Uploaded } from './open_bucket.ts';
