/**
 * Atomic file writes, reading ahead, changes by several processes without locks, and files that only their owner may read.
 *
 * @module
 */
export { type CommitFileOptions, commitFile, showFile } from './commit_file.ts';
export { FileLooks } from './file_looks.ts';
export { makeFolder } from './make_folder.ts';
export { requirePrivate, requirePrivateSync } from './private_file.ts';
export { type ReadAheadOptions, readAhead } from './read_ahead.ts';
export { type RequireHardLinksOptions, requireHardLinks, whyNoAccess } from './require_hard_links.ts';
export { errorCode, isPassingStorageError, storageError, storing } from './storage_error.ts';
export { type Version, VersionFolder, type Versions } from './version_folder.ts';
export {
  removeParts,
  syncFolder,
  type WritableFile,
  type WriteAtomicOptions,
  writeAtomic,
} from './write_atomic.ts';
