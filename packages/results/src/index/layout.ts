/** Version of the layout below; an index with another version is rebuilt. */
export const LAYOUT_VERSION = 7;

/**
 * Tables of findings.db.
 *
 * - `hosts`: their HostProperties, and as `facts` the fields that a host's findings have in common.
 * - `variants`: what findings have in common but their host and output; on most hosts a plugin says the same. `brief` is
 *   JSON of its short fields, which filters and orders look at, `full` of all.
 * - `columns`: lists of little-endian 32-bit numbers: for each finding in the file's order its `variant`; as `host_runs`, in the
 *   same order, a host and the number of its findings that follow each other; the numbers of the `suspicious` findings; the
 *   `plugin_set` of the scan; and the numbers of findings that their host has `several` of, with a hash of each one's output in
 *   `several_hash`.
 * - `outputs`: plugin_output of {@linkcode OUTPUTS_A_ROW} findings each, as a JSON list.
 */
export const TABLES = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE hosts (id INTEGER PRIMARY KEY, name TEXT NOT NULL, properties TEXT NOT NULL, facts TEXT NOT NULL);
CREATE TABLE variants (id INTEGER PRIMARY KEY, brief TEXT NOT NULL, full TEXT NOT NULL);
CREATE TABLE columns (name TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE outputs (id INTEGER PRIMARY KEY, data TEXT NOT NULL);
`;

/** Findings whose outputs share one row. */
export const OUTPUTS_A_ROW = 64;

/** Maximum characters of a field that counts as short. */
export const BRIEF_LENGTH = 200;

/** The same of `solution`, which findings are grouped by. */
export const SOLUTION_LENGTH = 2000;

/** What `meta` holds under the key `scan`, as JSON. */
export interface IndexMeta {
  version: number;
  /** Bytes of the .nessus file that was read. */
  sourceBytes: number;
  scanName: string;
  policyName?: string;
  /** Ports that the scan looked at, as its settings have them. */
  portRange?: string;
  hosts: number;
  scan_start?: string;
  scan_end?: string;
  findings: number;
  /** Every field that occurs. */
  fields: string[];
  /** Fields that are too long for `brief` in some variant. */
  longFields: string[];
}
