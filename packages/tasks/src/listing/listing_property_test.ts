import { appendFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newTaskId, type Task, type TaskId } from '@nmcp/types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTaskStore, type TaskStore } from '../mod.ts';
import { failed, newTask, running } from '../task_store_test_bench.ts';
import { ChangeNotes, NOTES_FOLDER } from './change_notes.ts';
import {
  commitUnshown,
  expectAsInFolders,
  openIndexed,
  twoProcesses,
  writeAsOthers,
} from './listing_test_bench.ts';

/** What happens to a data directory; `at` chooses a task. */
type Step = { what: keyof typeof HAPPENINGS; at: number; byFirst: boolean };

interface World {
  dataDir: string;
  /** Who does it. */
  store: TaskStore;
  /** Of another process, which may be killed. */
  notes: ChangeNotes;
  task: Task;
}

/** What processes do that note their changes, and whatever can happen to them in between. */
const HAPPENINGS = {
  'a task is made': async ({ store }: World) => void (await store.create(newTask('10.0.0.0/29'))),
  'it is changed': async ({ store, task }: World) => {
    const next = task.status === 'queued' ? running : failed;
    await store.change(task.task_id, 1, next).catch(() => {}); // it may have ended
  },
  'its progress is noted': ({ store, task }: World) =>
    store.noteProgress(task.task_id, 1, { progress: 50 }).catch(() => {}),
  'it is removed': ({ store, task }: World) => store.remove(task.task_id),
  'a writer is killed before its commit': ({ notes, task }: World) =>
    notes.write({ id: task.task_id, version: (task.version ?? 0) + 1 }),
  'a writer is killed after its commit': async ({ dataDir, notes, task }: World) => {
    if (task.status !== 'queued') return;
    const version = (task.version ?? 0) + 1;
    await notes.write({ id: task.task_id, version });
    await commitUnshown(dataDir, task.task_id, { ...running(task), version });
  },
  'a maker is killed after its commit': async ({ dataDir, notes }: World) => {
    const id = newTaskId('nessus');
    await notes.write({ id, version: 1 });
    await commitUnshown(dataDir, id, { ...newTask('10.0.0.7', id), version: 1 });
  },
  'a line of a note is cut': async ({ dataDir }: World) => {
    const [name] = await readdir(join(dataDir, NOTES_FOLDER)).catch((): string[] => []);
    if (name) await appendFile(join(dataDir, NOTES_FOLDER, name), 'ne_scan_2026');
  },
} as const;

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    what: fc.constantFrom(...(Object.keys(HAPPENINGS) as (keyof typeof HAPPENINGS)[])),
    at: fc.nat(20),
    byFirst: fc.boolean(),
  }),
  { minLength: 4, maxLength: 14 },
);

async function take({ what, at, byFirst }: Step, place: { dataDir: string; a: TaskStore; b: TaskStore }) {
  const tasks = await (byFirst ? place.a : place.b).list();
  const task = tasks[at % Math.max(1, tasks.length)];
  if (!task && what !== 'a task is made') return;
  const { dataDir } = place;
  const world = { dataDir, store: byFirst ? place.b : place.a, notes: new ChangeNotes(dataDir) };
  await HAPPENINGS[what]({ ...world, task: task ?? newTask() });
}

test('whatever two processes do, and wherever they are killed, each lists at once what is in the folders', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      await using place = await twoProcesses();
      await place.a.create(newTask()); // so that there is something to be listed, which begins the notes
      await expectAsInFolders(place.dataDir, [place.a, place.b]);
      for (const step of taken) {
        await take(step, place);
        await expectAsInFolders(place.dataDir, [place.a, place.b]);
      }
      await expectAsInFolders(place.dataDir, [openIndexed(place.dataDir)]);
    }),
    { numRuns: 25 },
  );
}, 120_000);

const byHand: fc.Arbitrary<{ what: 'written' | 'removed' | 'restored' | 'changed'; at: number }[]> = fc.array(
  fc.record({ what: fc.constantFrom('written', 'removed', 'restored', 'changed'), at: fc.nat(9) }),
  { maxLength: 12 },
);

test('of a few folders, what others do is listed at once', async () => {
  await fc.assert(
    fc.asyncProperty(byHand, async (taken) => {
      await using place = await twoProcesses();
      const store = createTaskStore({ dataDir: place.dataDir });
      const ids: TaskId[] = [];
      for (const { what, at } of taken) {
        const id = ids[at % Math.max(1, ids.length)];
        if (what === 'written' || id === undefined) {
          const task = newTask('10.0.0.6-9');
          ids.push(task.task_id);
          await writeAsOthers(place.dataDir, task);
        } else if (what === 'removed') await rm(join(place.dataDir, id), { recursive: true, force: true });
        else
          await writeAsOthers(
            place.dataDir,
            (what === 'changed' ? failed : running)(newTask('10.0.0.7', id)),
          );
        await expectAsInFolders(place.dataDir, [store]);
      }
      expect(await readdir(place.dataDir)).not.toContain(NOTES_FOLDER); // which nobody needs
    }),
    { numRuns: 25 },
  );
}, 120_000);
