/** What the page asks its worker for. */
export type Question =
  | { kind: 'read'; files: readonly File[] }
  | { kind: 'rows'; filter: RowFilter }
  | { kind: 'save'; format: string; filter: RowFilter | undefined };

/** Which findings are wanted. */
export interface RowFilter {
  /** From 0 info to 4 critical: this and above. */
  severity: number;
  /** Address, network or part of a name; empty for all. */
  host: string;
  /** Part of a name, a CVE or an output; empty for all. */
  text: string;
}

/** A finding as the table shows it. */
export interface Row {
  severity: number;
  host: string;
  port: string;
  title: string;
  cves: string;
  score: string;
}

/** What a document sums up to. */
export interface Summary {
  title: string;
  facts: string;
  /** Numbers of findings of severities 0 to 4. */
  total: readonly number[];
  fixes: readonly (readonly [severity: number, step: string, findings: number, hosts: number])[];
  hosts: readonly (readonly [name: string, os: string, ...counts: number[]])[];
}

/** What the worker answers. */
export type Answer =
  | { kind: 'progress'; share: number }
  | { kind: 'summary'; summary: Summary }
  | { kind: 'rows'; rows: readonly Row[]; total: number }
  | { kind: 'saved'; blob: Blob; name: string }
  | { kind: 'failed'; message: string };
