import {
  compileFilters,
  documentsIn,
  eventsOf,
  type Finding,
  type FindingPredicate,
  type FindingsSource,
  FORMATS,
  type FormatName,
  filterEvents,
  listOf,
  mergedDocuments,
  type NamedDocument,
  ofBlob,
  queryNessusBytes,
  type StoredBytes,
  singleDocument,
  Tally,
} from '@nmcp/schema';
import type { Row, RowFilter, Summary } from './messages.ts';

/** Rows that the table shows. */
const SHOWN = 200;
const TOP = 10;

/** A finding's row, with what filters look at beside it. */
interface KnownRow extends Row {
  address: string;
  searched: string;
}

/** Files that were read, as one source of findings. */
export class LoadedFiles {
  readonly summary: Summary;
  readonly #source: FindingsSource;
  readonly #rows: readonly KnownRow[];

  private constructor(source: FindingsSource, summary: Summary, rows: readonly KnownRow[]) {
    this.#source = source;
    this.summary = summary;
    this.#rows = rows;
  }

  /** Reads files. @param progress is told the share that was read, from 0 to 1 */
  static async read(files: readonly File[], progress: (share: number) => void): Promise<LoadedFiles> {
    const documents: NamedDocument[] = [];
    const size = files.reduce((sum, file) => sum + file.size, 0);
    let read = 0;
    const count = (bytes: number): void => {
      read += bytes;
      progress(Math.min(1, read / Math.max(1, size)));
    };
    for (const file of files) documents.push(...(await documentsIn(file.name, counted(ofBlob(file), count))));
    const [only] = documents;
    const source =
      documents.length > 1 ? mergedDocuments(documents) : singleDocument(() => only?.open() ?? []);
    const tally = new Tally();
    const rows: KnownRow[] = [];
    for await (const batch of eventsOf(source))
      for (const event of batch) {
        tally.add(event);
        if (event.type === 'finding') rows.push(rowOf(event.finding));
      }
    rows.sort((a, b) => b.severity - a.severity || Number(b.score) - Number(a.score));
    return new LoadedFiles(source, summaryOf(tally), rows);
  }

  /** The first rows that a filter wants, and how many there are. */
  rows(filter: RowFilter): { rows: Row[]; total: number } {
    const isWanted = hostTest(filter.host);
    const text = filter.text.trim().toLowerCase();
    const found = this.#rows.filter(
      (row) =>
        row.severity >= filter.severity && isWanted(row) && (text === '' || row.searched.includes(text)),
    );
    return {
      total: found.length,
      rows: found.slice(0, SHOWN).map(({ address: _, searched: __, ...row }) => row),
    };
  }

  /** All findings, or those that a filter wants, in a format. */
  async save(format: string, filter: RowFilter | undefined): Promise<{ blob: Blob; name: string }> {
    const pieces: BlobPart[] = [];
    const chosen = Object.hasOwn(FORMATS, format) ? FORMATS[format as FormatName] : undefined;
    for await (const piece of this.#content(format, filter))
      pieces.push(typeof piece === 'string' ? piece : Uint8Array.from(piece));
    const name = this.summary.title.replaceAll(/[^\w.-]+/g, '_').slice(0, 60) || 'findings';
    const type = chosen?.mediaType ?? 'application/x-ndjson';
    return { blob: new Blob(pieces, { type }), name: `${name}.${chosen?.extension ?? 'jsonl'}` };
  }

  #content(format: string, filter: RowFilter | undefined): AsyncIterable<string | Uint8Array> {
    if (!Object.hasOwn(FORMATS, format)) return queryNessusBytes(this.#source, { profile: 'full', page: 0 });
    const events = eventsOf(this.#source);
    const wanted = filter ? filterEvents(events, predicateOf(filter)) : events;
    return FORMATS[format as FormatName].exporter(wanted); // one of them
  }
}

function counted(stored: StoredBytes, count: (bytes: number) => void): StoredBytes {
  return {
    size: stored.size,
    async *stream(start, end) {
      // `for await` takes all kinds of sources
      for await (const chunk of stored.stream(start, end) as AsyncIterable<Uint8Array>) {
        count(chunk.length);
        yield chunk;
      }
    },
  };
}

function rowOf(finding: Finding): KnownRow {
  const title = listOf(finding['cm:compliance-check-name'])[0] ?? listOf(finding.plugin_name)[0] ?? '';
  const cves = listOf(finding.cve).join(', ');
  return {
    severity: Math.min(4, Math.max(0, Number(finding.severity) || 0)),
    host: finding.host,
    port: `${finding.port ?? '0'}/${finding.protocol ?? ''}`,
    title,
    cves,
    score: String(finding.cvss_score ?? ''),
    address: String(finding.host_ip ?? ''),
    searched:
      `${title}\n${cves}\n${finding.plugin_id}\n${String(finding.plugin_output ?? '').slice(0, 2000)}`.toLowerCase(),
  };
}

function hostTest(host: string): (row: KnownRow) => boolean {
  if (host.trim() === '') return () => true;
  const { matches } = compileFilters({ host: host.trim() });
  return ({ host: name, address }) => matches({ host: name, host_ip: address } as unknown as Finding); // it looks at no other field
}

function predicateOf({ severity, host, text }: RowFilter): FindingPredicate {
  const isWanted = hostTest(host);
  const wanted = text.trim().toLowerCase();
  return (finding) => {
    const row = rowOf(finding);
    return row.severity >= severity && isWanted(row) && (wanted === '' || row.searched.includes(wanted));
  };
}

function summaryOf(tally: Tally): Summary {
  const facts = [
    `${tally.hosts} hosts, ${tally.total.reduce((a, b) => a + b, 0)} findings`,
    tally.policyName === '' ? '' : `policy ${tally.policyName}`,
    tally.start === '' ? '' : `scanned ${tally.start} to ${tally.end}`,
  ];
  return {
    title: tally.scanName,
    facts: facts.filter((fact) => fact !== '').join(', '),
    total: tally.total,
    fixes: tally
      .fixes()
      .slice(0, TOP)
      .map(({ severity, step, findings, hosts }) => [severity, step.slice(0, 300), findings, hosts.size]),
    hosts: tally
      .worstHosts()
      .slice(0, TOP)
      .map(({ name, facts: { os = '' }, counts }) => [name, os, ...counts.toReversed()]),
  };
}
