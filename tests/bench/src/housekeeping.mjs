import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, inTempFolder } from '@nmcp/test-support';
import { completedTask } from './bench_task.mjs';
import { here, runJson } from './measure.mjs';
import { writeTask } from './write_task.mjs';

const FOLDERS = 10_000;

/** How long the housekeeping takes over 10,000 task directories, half of which go, and for how long it holds up all else. */
export function housekeeping(say) {
  return inTempFolder((folder) => {
    say(`${FOLDERS} task directories, half of them expired`);
    for (let i = 0; i < FOLDERS; i++) {
      const task = completedTask(i % 2 === 0 ? { createdAt: '2026-01-01T00:00:00.000Z' } : {});
      writeFileSync(join(writeTask(folder, task), 'scan_native.nessus'), 'x'.repeat(10_000));
    }
    const { ms, blockedMs, expired } = runJson(process.execPath, [here('housekeeping_once.mjs'), folder]);
    if (expired !== FOLDERS / 2) throw new Error(`${expired} tasks were removed`);
    return [
      atMost('housekeeping over 10,000 task directories', 's', ms / 1000, 10),
      atMost('longest time that it blocked the event loop', 'ms', blockedMs, 50),
    ];
  });
}
