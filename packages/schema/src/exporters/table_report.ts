/** A table with a name. */
export interface NamedTable {
  name: string;
  titles: readonly string[];
  rows: readonly (readonly (string | number)[])[];
}

/** A report of sentences and tables. The first table is the one that formats of a single table have. */
export interface TableReport {
  title: string;
  sentences: readonly string[];
  tables: readonly NamedTable[];
}
