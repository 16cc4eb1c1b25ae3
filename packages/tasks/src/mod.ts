/**
 * Task directories: task.json with atomic writes and an enforced state machine.
 *
 * @module
 */

// so that who opens a data directory needs no other package for it
export { requireHardLinks, whyNoAccess } from '@nmcp/files';
export { createTaskStore, REMOVED_PREFIX, type TaskStoreOptions } from './create_task_store.ts';
export { CANCELED_MESSAGE, endedTask, type TaskEnd, withoutCredentials } from './ended_task.ts';
export { entryOf } from './entry_of.ts';
export { changePending, expireApproval } from './expire_approval.ts';
export { type FollowOptions, followTask } from './follow_task.ts';
export { type NewTask, queuedTask } from './queued_task.ts';
export { type ScanOwner, ScanOwners } from './scan_owners.ts';
export { TaskFeed, type TaskListener } from './task_feed.ts';
export {
  type DamagedTask,
  type ProgressNote,
  type SaveResultsOptions,
  type TaskFilter,
  type TaskPaths,
  type TaskStore,
  taskNotFound,
} from './task_store.ts';
export { isVersionFile } from './task_versions.ts';
