import { followScan, type Services } from '@nmcp/scans';
import type { Task } from '@nmcp/types';
import { Presets, SingleBar } from 'cli-progress';
import { OPERATOR } from '../store.ts';

/** How following a scan ended. */
export interface FollowedScan {
  task: Task;
  /** The user stopped following it, and the scan continues. */
  isInterrupted: boolean;
}

/**
 * Follows a scan with a progress bar on standard error, or a line per state without a terminal. Control-C stops following,
 * never the scan.
 */
export async function followOnTerminal(
  services: Services,
  first: Task,
  isQuiet: boolean,
): Promise<FollowedScan> {
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  process.once('SIGINT', leave);
  process.once('SIGTERM', leave);
  const { show, end } = isQuiet ? SILENT : process.stderr.isTTY ? progressBar() : lines();
  let task = first;
  try {
    for await (const now of await followScan(services, OPERATOR, first, leaving.signal)) {
      task = now;
      show(now);
    }
  } finally {
    end();
    process.off('SIGINT', leave);
    process.off('SIGTERM', leave);
  }
  return { task, isInterrupted: leaving.signal.aborted };
}

interface Display {
  show(task: Task): void;
  end(): void;
}

const SILENT: Display = { show() {}, end() {} };

function progressBar(): Display {
  const bar = new SingleBar(
    { format: '  {bar}  {percentage} %  {state}', stream: process.stderr, clearOnComplete: true },
    Presets.shades_classic,
  );
  bar.start(100, 0, { state: 'queued' });
  return {
    show: ({ status, progress = 0 }) =>
      bar.update(status === 'completed' ? 100 : progress, { state: status }),
    end: () => bar.stop(),
  };
}

function lines(): Display {
  let last = '';
  return {
    show({ status }) {
      if (status !== last) console.error(status);
      last = status;
    },
    end() {},
  };
}
