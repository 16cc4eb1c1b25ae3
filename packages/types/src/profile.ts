/** Names of the field sets that results can be asked for, smallest first. */
export const SCHEMA_PROFILES = ['minimal', 'summary', 'brief', 'full'] as const;

/** One of {@linkcode SCHEMA_PROFILES}. */
export type SchemaProfile = (typeof SCHEMA_PROFILES)[number];

/** The profile of every call that names none. */
export const DEFAULT_PROFILE: SchemaProfile = 'brief';
