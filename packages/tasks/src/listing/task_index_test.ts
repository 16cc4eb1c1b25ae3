import type { PoolName, Task } from '@nmcp/types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listedTask } from '../listed_task.ts';
import type { TaskFilter, TaskPage } from '../mod.ts';
import { WalkedTasks } from '../task_lists_test_bench.ts';
import { failed, newTask, running } from '../task_store_test_bench.ts';
import { TaskIndex } from './task_index.ts';

const FILE = { ino: 1, mtimeMs: 2.5, size: 3 };
const QUESTIONS: (TaskFilter & TaskPage)[] = [
  {},
  { order: 'ran', limit: 7, offset: 3 },
  { order: 'began', status: 'running' },
  { order: 'ended', endedSince: Date.parse('2026-01-03T00:00:00Z') },
  { targets: '10.0.2.1', pool: 'nessus' },
  { visibleTo: { owner: 'alice', pools: ['nessus_dmz'] }, order: 'ran' },
];

/** So many changes, made by a seed: few are sorted in, and after many an order is made anew. */
const bursts = fc.array(fc.record({ size: fc.constantFrom(1, 2, 40, 700), seed: fc.nat() }), {
  minLength: 1,
  maxLength: 5,
});

function taskOf(seed: number): Task {
  const task: Task = {
    ...newTask(`10.0.${seed % 5}.1`),
    scanner_pool: (seed % 3 === 0 ? 'nessus_dmz' : 'nessus') as PoolName,
    owner: seed % 2 === 0 ? 'alice' : 'bob',
  };
  if (seed % 4 === 0) return task;
  if (seed % 4 === 1) return running(task);
  return { ...failed(running(task)), completed_at: `2026-01-0${1 + (seed % 7)}T00:00:00.000Z` } as Task;
}

test('whatever comes, changes and goes, an index answers as a walk over what is left', async () => {
  await fc.assert(
    fc.asyncProperty(bursts, async (taken) => {
      const index = new TaskIndex();
      const tasks = new Map<string, Task>();
      for (const { size, seed } of taken) {
        const known = [...tasks.values()];
        for (let i = 0; i < size; i++) {
          const old = known[(seed + 7 * i) % (known.length + 1)];
          const task = old && i % 3 === 0 ? { ...taskOf(seed + i), task_id: old.task_id } : taskOf(seed + i);
          if (old && i % 5 === 4) {
            index.delete(old.task_id);
            tasks.delete(old.task_id);
            continue;
          }
          index.put(listedTask(task), FILE);
          tasks.set(task.task_id, task);
        }
        const meant = new WalkedTasks([...tasks.values()]);
        for (const question of QUESTIONS) {
          expect(index.select(question).map(({ task_id }) => task_id)).toEqual(await meant.ids(question));
          expect(index.count(question)).toBe(await meant.count(question));
        }
        expect(index.openSize).toBe(await meant.count({ status: ['queued', 'running'] }));
        expect(new Set(index.openIds()).size).toBe(index.openSize);
      }
    }),
    { numRuns: 15 },
  );
}, 60_000);
