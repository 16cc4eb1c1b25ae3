import { isVerb } from './calls.ts';
import type { Quirk } from './quirk.ts';

/** Habits of scans that run. */
export const RUN_QUIRKS: readonly Quirk[] = [
  {
    name: 'active-limit',
    description: 'Tenable VM: while so many scans are active, launch answers 429.',
    source: "Tenable's page on concurrency",
    value: { is: 'scans', byDefault: 25 },
    start: (state, limit) => ({
      before(call) {
        if (!isVerb(call, 'launch')) return undefined;
        const active = state.scans.list().filter((scan) => state.scans.isActive(scan)).length;
        if (active < limit) return undefined;
        return { status: 429, json: { error: 'The maximum number of concurrent scans is running' } };
      },
    }),
  },
  {
    name: 'launch-answer-lost',
    description: 'The launch works and its answer is lost; the next one says 409, already running.',
    source: 'VulnWhisperer#208',
    value: { is: 'launches', byDefault: 1 },
    start: (_state, launches) => {
      let left = launches;
      return { after: (call) => (isVerb(call, 'launch') && left-- > 0 ? 'closed' : undefined) };
    },
  },
  {
    name: 'next-run-early',
    description: 'The next run starts, by a schedule, as soon as the first has ended and before its export.',
    source: 'seccubus#360, VulnWhisperer',
    start: (state) => ({
      before() {
        for (const scan of state.scans.list())
          if (scan.runs.length === 1 && state.scans.status(scan) === 'completed')
            state.scans.runBySchedule(scan.id);
        return undefined;
      },
    }),
  },
  {
    name: 'paused-aborted',
    description: 'A plugin update aborts the scans that are paused; what they found can be exported.',
    source: 'avleonov.com 2016/06',
    start: (state) => ({
      before() {
        for (const scan of state.scans.list())
          if (state.scans.status(scan) === 'paused') state.scans.abort(scan.id);
        return undefined;
      },
    }),
  },
];
