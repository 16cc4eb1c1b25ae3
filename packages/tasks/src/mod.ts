/**
 * Tasks with an enforced state machine: task directories with task.json and atomic writes, and in `@nmcp/tasks/postgres` a database.
 *
 * @module
 */

// so that who opens a data directory needs no other package for it
export { requireHardLinks, whyNoAccess } from '@nmcp/files';
export { createTaskStore, type TaskStoreOptions } from './create_task_store.ts';
export { CANCELED_MESSAGE, endedTask, type TaskEnd, withoutCredentials } from './ended_task.ts';
export { entryOf } from './entry_of.ts';
export { changePending, expireApproval } from './expire_approval.ts';
export { type FollowOptions, followTask } from './follow_task.ts';
export { hasReport, isPending, mayHaveSecondScan } from './listed_task.ts';
export { type NewTask, queuedTask } from './queued_task.ts';
export { REMOVED_PREFIX, ResultFiles } from './result_files.ts';
export type { OwnedScan, ScanOwner, ScanOwners } from './scan_owners.ts';
export { ranAt, seriesOf } from './scan_series.ts';
export { TaskFeed, type TaskListener } from './task_feed.ts';
export {
  FINAL_STATES,
  OPEN_STATES,
  type TaskFilter,
  type TaskPage,
  type TaskVisibility,
} from './task_filter.ts';
export type { NumberedScan, TaskLists } from './task_lists.ts';
export {
  type DamagedTask,
  type ProgressNote,
  type SaveResultsOptions,
  type TaskPaths,
  type TaskStore,
  type TaskWatch,
  taskNotFound,
} from './task_store.ts';
export { isVersionFile } from './task_versions.ts';
