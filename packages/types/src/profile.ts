/**
 * Names of the field sets that results can be asked for: v3.0's, smallest first; `findings` with the host's facts, port and output;
 * and `compliance` for the checks of audits.
 */
export const SCHEMA_PROFILES = ['minimal', 'summary', 'brief', 'full', 'findings', 'compliance'] as const;

/** One of {@linkcode SCHEMA_PROFILES}. */
export type SchemaProfile = (typeof SCHEMA_PROFILES)[number];

/** The profile of every call that names none. */
export const DEFAULT_PROFILE: SchemaProfile = 'brief';
