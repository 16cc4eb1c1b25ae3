import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Puts a task's directory there as the store has it, without its care, which would be what is measured; its path. */
export function writeTask(dataDir, task) {
  const folder = join(dataDir, task.task_id);
  mkdirSync(folder);
  writeFileSync(join(folder, 'task.json'), `${JSON.stringify(task, null, 2)}\n`);
  return folder;
}
