/**
 * Task directories: task.json with atomic writes and an enforced state machine.
 *
 * @module
 */
export { type RetryContext, retryDeadTask } from './retry_task.ts';
export {
  createTaskStore,
  type NewTask,
  queuedTask,
  type TaskFilter,
  type TaskPaths,
  type TaskStore,
  type TaskStoreOptions,
} from './task_store.ts';
export { type WritableFile, type WriteAtomicOptions, writeAtomic } from './write_atomic.ts';
