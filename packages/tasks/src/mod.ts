/**
 * Task directories: task.json with atomic writes and an enforced state machine.
 *
 * @module
 */
export { type ApprovalContext, approveTask, expireApproval, refuseTask } from './approve_task.ts';
export { CANCELED_MESSAGE, type CancelContext, type CancelOutcome, cancelTask } from './cancel_task.ts';
export { entryOf } from './entry_of.ts';
export { type FollowOptions, followTask } from './follow_task.ts';
export { type NewTask, queuedTask } from './queued_task.ts';
export {
  type Overview,
  type OverviewOptions,
  type OverviewSources,
  type QueueCounts,
  readOverview,
  readQueueCounts,
} from './read_overview.ts';
export { type ReconcileOptions, type ReconcileReport, reconcile } from './reconcile.ts';
export { findDeadLetter, type RetryContext, retryDeadTask, retryTask } from './retry_task.ts';
export { TaskFeed, type TaskListener } from './task_feed.ts';
export {
  createTaskStore,
  type TaskFilter,
  type TaskPaths,
  type TaskStore,
  type TaskStoreOptions,
  taskNotFound,
} from './task_store.ts';
