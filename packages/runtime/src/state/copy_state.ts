import { type AuditEntry, type AuditStore, parseEntry } from '@nmcp/audit';
import { LEDGERS } from '@nmcp/scans';
import type { TaskStore } from '@nmcp/tasks';
import { isNmcpError, messageOf, NmcpError, type Task, type TaskId } from '@nmcp/types';
import { copyUnderWay, markCopy } from './copy_mark.ts';
import type { State } from './state.ts';

/** What a copy has put there, beside what was there already. */
export interface CopyReport {
  tasks: number;
  tokens: number;
  scan_owners: number;
  audit_entries: number;
  /** Tasks that cannot be read, and why; they stay where they are. */
  unreadable: Record<string, string>;
}

/** Lines of the audit log that are added at a time. */
const LINES = 500;
/** Documents of tasks beside the limits of a day. */
const DOCUMENTS = ['.sessions', ...LEDGERS];

/**
 * Copies the state of one store to another: tasks with their approvals, tokens, sessions, limits of a day, owners of scans, and
 * the audit log. It can be broken off and run again, and what was changed meanwhile is copied by the next run; until one was
 * finished, no server starts on the target.
 *
 * @param from what the source is called
 * @throws {NmcpError} `conflict` for a target that holds something else, and then nothing is changed there; `unavailable`,
 *   `storage`
 */
export async function copyState(source: State, target: State, from: string): Promise<CopyReport> {
  const isOurs = (await copyUnderWay(target.tasks)) === from; // no server has been on it since
  await (isOurs ? removeGone(source.tasks, target.tasks) : refuseOthers(source, target));
  await markCopy(target.tasks, { from });
  const report: CopyReport = {
    tokens: await copyTokens(source, target),
    scan_owners: await copyOwners(source.tasks, target.tasks),
    ...(await copyTasks(source.tasks, target.tasks)),
    audit_entries: await copyAudit(source.audit, target.audit),
  };
  for (const name of DOCUMENTS) await copyDocument(name, source.tasks, target.tasks);
  await markCopy(target.tasks, 'finished');
  return report;
}

/** Looks before anything is written. */
async function refuseOthers(source: State, target: State): Promise<void> {
  const known = new Map((await source.tasks.list()).map((task) => [task.task_id, task]));
  const there = await target.tasks.list();
  const foreign = there.filter(({ task_id }) => !known.has(task_id));
  if (foreign.length > 0)
    throw other(`${foreign.length} tasks that the source does not have, such as ${foreign[0]?.task_id}`);
  const changed = there.find((task) => !mayReplace(task, known.get(task.task_id)));
  if (changed) throw other(`the task ${changed.task_id} as it was changed there`);
  const ours = new Set((await source.tokenVersions.read()).tokens.map(({ id }) => id));
  const token = (await target.tokenVersions.read()).tokens.find(({ id }) => !ours.has(id));
  if (token) throw other(`the token ${token.id} of ${token.name}, which the source does not have`);
  await countCommon(source.audit, target.audit);
}

/** Whether a copied task is the same as its source's, or an earlier version of it. */
function mayReplace(copied: Task, task: Task | undefined): boolean {
  return isSame(copied, task) || Math.max(1, copied.version ?? 0) < (task?.version ?? 0);
}

/** What the source has removed since a copy was broken off. */
async function removeGone(source: TaskStore, target: TaskStore): Promise<void> {
  const known = new Set(await source.ids());
  for (const id of await target.ids()) if (!known.has(id)) await target.remove(id);
}

function other(what: string): NmcpError {
  return new NmcpError(
    'conflict',
    `The target holds something else: ${what}. Copy to an empty one, or to one that only earlier copies of this source were made to`,
    { title: 'Not empty' },
  );
}

async function copyTasks(
  source: TaskStore,
  target: TaskStore,
): Promise<Pick<CopyReport, 'tasks' | 'unreadable'>> {
  const unreadable: Record<string, string> = {};
  const there = new Map((await target.list()).map((task) => [task.task_id, task]));
  const ids = await source.ids();
  let tasks = 0;
  for (const id of ids) {
    const task = await readOrTell(source, id, unreadable);
    if (!task || isSame(task, there.get(id))) continue;
    await target.restore(task);
    if (!isSame(task, await target.read(id))) throw other(`the task ${id} as it was changed there`);
    tasks++;
  }
  for (const { task_id } of await source.damaged()) await readOrTell(source, task_id, unreadable);
  return { tasks, unreadable };
}

async function readOrTell(
  tasks: TaskStore,
  id: TaskId,
  unreadable: Record<string, string>,
): Promise<Task | undefined> {
  try {
    return await tasks.read(id);
  } catch (error) {
    if (isNmcpError(error, 'unavailable')) throw error;
    if (!isNmcpError(error, 'not_found')) unreadable[id] = messageOf(error);
    return undefined; // it was removed meanwhile, or is only a folder with results
  }
}

/** What people see of its progress makes no version. */
function isSame(task: Task, copied: Task | undefined): boolean {
  const essence = ({ version = 0, progress: _, waiting: __, ...rest }: Task): string =>
    JSON.stringify([Math.max(1, version), Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))]);
  return copied !== undefined && essence(task) === essence(copied);
}

async function copyTokens(source: State, target: State): Promise<number> {
  const { tokens } = await source.tokenVersions.read();
  return await target.tokenVersions.change((before) => {
    const isEqual = JSON.stringify(before) === JSON.stringify(tokens);
    const known = new Set(before.map(({ id }) => id));
    const answer = tokens.filter(({ id }) => !known.has(id)).length;
    return isEqual ? { answer } : { tokens, answer };
  });
}

async function copyOwners({ owners: from }: TaskStore, { owners: to }: TaskStore): Promise<number> {
  const known = new Set((await to.all()).map((scan) => JSON.stringify(Object.entries(scan).sort())));
  const missing = (await from.all()).filter(
    (scan) => !known.has(JSON.stringify(Object.entries(scan).sort())),
  );
  for (const scan of missing) await to.restore(scan);
  return missing.length;
}

async function copyDocument(name: string, source: TaskStore, target: TaskStore): Promise<void> {
  const text = (await source.document(name).readLast())?.text;
  const versions = target.document(name);
  while (text !== undefined) {
    const last = await versions.readLast();
    if (last?.text === text || (await versions.commit((last?.number ?? 0) + 1, text))) return;
  }
}

async function copyAudit(source: AuditStore, target: AuditStore): Promise<number> {
  const common = await countCommon(source, target);
  let [added, entries]: [number, AuditEntry[]] = [0, []];
  const add = async (): Promise<void> => {
    if (entries.length > 0) await target.restore(entries);
    added += entries.length;
    entries = [];
  };
  let count = 0;
  for await (const entry of entriesOf(source)) {
    if (++count <= common) continue;
    entries.push(entry);
    if (entries.length === LINES) await add();
  }
  await add();
  return added;
}

/** How many entries the target has, which are the first ones of the source. */
async function countCommon(source: AuditStore, target: AuditStore): Promise<number> {
  const ours = entriesOf(source);
  let count = 0;
  for await (const { hash } of entriesOf(target)) {
    const { value } = await ours.next();
    if (value?.hash !== hash) throw other(`an audit log that differs from entry ${count + 1} on`);
    count++;
  }
  await ours.return(undefined);
  return count;
}

/** Entries of a log, without what crashes have cut. */
async function* entriesOf(log: AuditStore): AsyncGenerator<AuditEntry, undefined> {
  if (!(await log.exists())) return undefined;
  for await (const line of log.lines()) {
    const entry = parseEntry(line);
    if (entry) yield entry;
  }
  return undefined;
}
