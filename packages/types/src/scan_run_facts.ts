import * as v from 'valibot';

/** What a report says of the run that it is of. */
export interface ScanRunFacts {
  policy_name?: string | undefined;
  /** When its first host began; ISO 8601 in UTC. */
  scan_start?: string | undefined;
  /** When its last host ended. */
  scan_end?: string | undefined;
}

/** Schema of {@linkcode ScanRunFacts}. */
export const ScanRunFactsSchema: v.GenericSchema<unknown, ScanRunFacts> = v.object({
  policy_name: v.optional(v.string()),
  scan_start: v.optional(v.string()),
  scan_end: v.optional(v.string()),
});
