import * as v from 'valibot';
import { DEFAULT_PROFILE, SCHEMA_PROFILES, type SchemaProfile } from '../profile.ts';

/** Task that a call is about. */
export const taskId: v.GenericSchema<string, string> = v.pipe(
  v.string(),
  v.description('The task_id that a run_*_scan tool answered'),
);

/** Pool, of calls that need one. */
export const pool: v.GenericSchema<string | undefined, string> = v.optional(
  v.pipe(v.string(), v.description('Scanner pool')),
  'nessus',
);

/** Pool, of calls that take any. */
export const anyPool: v.GenericSchema<string | undefined, string | undefined> = v.optional(
  v.pipe(v.string(), v.description('Only this scanner pool')),
);

/** How much of each finding is wanted. */
export const profile: v.GenericSchema<SchemaProfile | undefined, SchemaProfile> = v.optional(
  v.pipe(
    v.picklist(SCHEMA_PROFILES),
    v.description(
      'Fields of each finding: minimal < summary < brief < full; findings (port, output, host facts), compliance (audit checks)',
    ),
  ),
  DEFAULT_PROFILE,
);

/** Whether targets are spelled out. */
export const fullTargets: v.GenericSchema<boolean | undefined, boolean> = v.optional(
  v.pipe(v.boolean(), v.description('Spell out targets that are folded for their length')),
  false,
);

/** A whole number of at least and at most these; one beyond them becomes the nearest, as in v3.0. */
export function clamped(least: number, most: number): v.GenericSchema<number, number> {
  return v.pipe(
    v.number(),
    v.integer(),
    v.transform((given) => Math.min(most, Math.max(least, given))),
  );
}
