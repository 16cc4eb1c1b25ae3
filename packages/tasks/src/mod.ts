/**
 * Task directories: task.json with atomic writes and an enforced state machine.
 *
 * @module
 */
export { createTaskStore, REMOVED_PREFIX, type TaskStoreOptions } from './create_task_store.ts';
export { CANCELED_MESSAGE, endedTask, type TaskEnd, withoutCredentials } from './ended_task.ts';
export { entryOf } from './entry_of.ts';
export { changePending, expireApproval } from './expire_approval.ts';
export { type FollowOptions, followTask } from './follow_task.ts';
export { type NewTask, queuedTask } from './queued_task.ts';
export { TaskFeed, type TaskListener } from './task_feed.ts';
export {
  type ProgressNote,
  type SaveResultsOptions,
  type TaskFilter,
  type TaskPaths,
  type TaskStore,
  taskNotFound,
} from './task_store.ts';
export { isVersionFile, requireHardLinks } from './task_versions.ts';
