/**
 * Results of tasks in a bucket of S3.
 *
 * @module
 */
export { BucketFiles, type BucketFilesOptions } from './bucket_files.ts';
