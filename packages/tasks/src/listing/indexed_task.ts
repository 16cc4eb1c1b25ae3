import type { ScanState, TaskId } from '@nmcp/types';
import type { ListedTask, TargetList } from '../listed_task.ts';

/** Which file a task was read from: showing a version changes the inode. */
export interface FileMark {
  ino: number;
  mtimeMs: number;
  size: number;
}

/** A task in the index. A class, since objects that are copied from others take three times the room and the time. */
export class IndexedTask implements ListedTask {
  readonly task_id: TaskId;
  readonly version: number;
  readonly status: ScanState;
  readonly pool: string;
  readonly instance: string | null;
  readonly scanNumber: number | null;
  readonly owner: string | undefined;
  readonly name: string;
  readonly targets: TargetList;
  readonly created_at: string;
  readonly made: number;
  readonly ran: number;
  readonly began: number;
  readonly ended: number | undefined;
  readonly series: string | undefined;
  readonly hasReport: boolean;
  readonly isPending: boolean;
  readonly hasScope: boolean;
  readonly isAttached: boolean;
  readonly mayHaveSecondScan: boolean;
  readonly ino: number;
  readonly mtimeMs: number;
  readonly size: number;

  /** @param once the one copy in memory of a text that many tasks have in common */
  constructor(task: ListedTask, file: FileMark, targets: TargetList, once: (text: string) => string) {
    this.task_id = task.task_id;
    this.version = task.version;
    this.status = task.status;
    this.pool = once(task.pool);
    this.instance = task.instance === null ? null : once(task.instance);
    this.scanNumber = task.scanNumber;
    this.owner = task.owner === undefined ? undefined : once(task.owner);
    this.name = once(task.name);
    this.targets = targets;
    this.created_at = task.created_at;
    this.made = task.made;
    this.ran = task.ran;
    this.began = task.began;
    this.ended = task.ended;
    this.series = task.series === undefined ? undefined : once(task.series);
    this.hasReport = task.hasReport;
    this.isPending = task.isPending;
    this.hasScope = task.hasScope;
    this.isAttached = task.isAttached;
    this.mayHaveSecondScan = task.mayHaveSecondScan;
    this.ino = file.ino;
    this.mtimeMs = file.mtimeMs;
    this.size = file.size;
  }
}
