import { expect } from 'vitest';
import type { Habit } from './habit.ts';

/** Exports. */
export const EXPORT_HABITS: Readonly<Record<string, Habit>> = {
  'a token and no /tokens': { quirks: ['no-tokens'], saw: 404 },
  'an export is forgotten': { quirks: ['export-forgotten'], saw: 404 },
  'an export cannot be written, three times': { quirks: ['export-fails=3'], saw: 500 },
  'an export can never be written': {
    quirks: ['export-fails=always'],
    scans: 2,
    // one bad report does not take the scanner out of service
    async drive({ submit, ended, simulator }) {
      const failed = await ended(await submit());
      simulator.setQuirks([]);
      const next = await ended(await submit({ name: 'The next' }));
      return { ...next, before: failed };
    },
    ends: {
      status: 'completed',
      before: { status: 'failed', error_message: expect.stringContaining('could not write the export') },
    },
  },
  'running scans cannot be exported, for a moment after the end': { quirks: ['export-busy'], saw: 409 },
  'an export is loading for long': { quirks: ['export-slow=5'] },
  'an export is of another scan': { quirks: ['export-of-another=2'] },
};
