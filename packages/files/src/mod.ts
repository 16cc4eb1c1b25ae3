/**
 * Atomic file writes, locks between processes, and files that only their owner may read.
 *
 * @module
 */
export { withFileLock } from './file_lock.ts';
export { requirePrivate, requirePrivateSync } from './private_file.ts';
export { errorCode, isPassingStorageError, storageError, storing } from './storage_error.ts';
export {
  removeParts,
  syncFolder,
  type WritableFile,
  type WriteAtomicOptions,
  writeAtomic,
} from './write_atomic.ts';
