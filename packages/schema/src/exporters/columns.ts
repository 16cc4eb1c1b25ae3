import { complianceOf } from '../compliance.ts';
import { type FieldValue, type Finding, listOf, textOf } from '../finding.ts';
import type { FoundFinding } from '../found_finding.ts';
import { differsByHost, HOST_FIELDS } from '../host_facts.ts';
import { severityOf } from '../severity.ts';
import { VariantMemo } from '../variant_memo.ts';
import { writtenText } from '../written_text.ts';
import { cvesOf, type ExportOptions, outputOf, solutionOf, titleOf } from './exporter.ts';

/** A column of a table of findings. */
export interface Column {
  title: string;
  /** A cell's text where it is the same wherever a plugin says the same; `cve` is the one that the row is for. */
  text?: (like: Finding, cve: string) => string;
  /** A cell's text where it is another one on each host. */
  textOn?: (found: FoundFinding) => string;
  /** Its cells are numbers where they look like one. */
  isNumber?: true;
}

/** Columns of a table, and whether a finding has a row for each of its CVEs. */
export interface Columns {
  columns: readonly Column[];
  rowPerCve: boolean;
}

const RISKS = ['None', 'Low', 'Medium', 'High', 'Critical'] as const;

/** Fields whose values are numbers. */
const NUMBERS = /^(?:plugin_id|severity|port)$|_score$/;

/** The columns of Nessus's own CSV report, all that it can be asked for, in its order. */
const NESSUS_COLUMNS: readonly Column[] = [
  { title: 'Plugin ID', text: ({ plugin_id }) => plugin_id ?? '', isNumber: true },
  { title: 'CVE', text: (_finding, cve) => cve },
  score('CVSS v2.0 Base Score', 'cvss_base_score'),
  { title: 'Risk', text: (finding) => complianceOf(finding)?.result ?? RISKS[severityOf(finding)] },
  { title: 'Host', textOn: ({ host }) => host },
  field('Protocol', 'protocol'),
  { title: 'Port', text: ({ port }) => port ?? '', isNumber: true },
  { title: 'Name', text: titleOf },
  field('Synopsis', 'synopsis'),
  field('Description', 'description'),
  { title: 'Solution', text: (finding) => textOf(finding.solution) || solutionOf(finding) },
  {
    title: 'See Also',
    text: (finding) => textOf(finding.see_also) || (complianceOf(finding)?.seeAlso ?? []).join('\n'),
  },
  { title: 'Plugin Output', textOn: outputOf },
  field('STIG Severity', 'stig_severity'),
  score('CVSS v4.0 Base Score', 'cvss4_base_score'),
  score('CVSS v4.0 Base+Threat Score', 'cvss4_threat_score'),
  score('CVSS v3.0 Base Score', 'cvss3_base_score'),
  score('CVSS v3.0 Temporal Score', 'cvss3_temporal_score'),
  score('CVSS v2.0 Temporal Score', 'cvss_temporal_score'),
  score('VPR Score', 'vpr_score'),
  score('EPSS Score', 'epss_score'),
  field('Risk Factor', 'risk_factor'),
  field('BID', 'bid'),
  {
    title: 'XREF',
    text: (finding) => [...listOf(finding.xref), ...listOf(finding['cm:compliance-reference'])].join('\n'),
  },
  field('MSKB', 'mskb'),
  field('Plugin Publication Date', 'plugin_publication_date'),
  field('Plugin Modification Date', 'plugin_modification_date'),
  field('Metasploit', 'exploit_framework_metasploit'),
  field('Core Impact', 'exploit_framework_core'),
  field('CANVAS', 'exploit_framework_canvas'),
];

const HOST_TITLES: Readonly<Record<(typeof HOST_FIELDS)[number], string>> = {
  host_ip: 'Host IP',
  host_fqdn: 'FQDN',
  netbios: 'NetBIOS',
  mac: 'MAC Address',
  os: 'OS',
  credentialed: 'Credentialed',
  host_start: 'Host Start',
  host_end: 'Host End',
};

/** Columns of the host's fields. */
export const HOST_COLUMNS: readonly Column[] = HOST_FIELDS.map((name) => field(HOST_TITLES[name], name));

/** The columns that were asked for: fields by their names, or else Nessus's own. */
export function columnsOf({ fields, hosts = false }: ExportOptions): Columns {
  const columns = fields?.map((name) => field(name, name)) ?? NESSUS_COLUMNS;
  const shown = new Set(fields);
  const ofHost = hosts ? HOST_COLUMNS.filter((_, index) => !shown.has(HOST_FIELDS[index] ?? '')) : [];
  return { columns: [...columns, ...ofHost], rowPerCve: fields === undefined };
}

function field(title: string, name: string): Column {
  return {
    title,
    ...(differsByHost(name)
      ? { textOn: (found) => textOf(fieldOn(found, name)) }
      : { text: (like) => writtenText(like, name) }),
    ...(NUMBERS.test(name) ? { isNumber: true } : {}),
  };
}

/** A field that is another one on each host. */
function fieldOn({ host, output, facts }: FoundFinding, name: string): FieldValue | undefined {
  if (name === 'host') return host;
  return name === 'plugin_output' ? output : facts[name];
}

function score(title: string, name: string): Column {
  return { ...field(title, name), isNumber: true };
}

/** Encoded cells of a row that findings have in common, and the column behind them, which differs; none behind the last. */
interface RowPart {
  cells: string;
  textOn: Column['textOn'];
  column: number;
}

/** Encodes rows of a table, each cell's text once for all findings that have it in common. */
export class RowEncoder {
  readonly #columns: Columns;
  readonly #encode: (text: string, column: number) => string;
  readonly #rows = new VariantMemo((like) => this.#rowsOf(like));

  /** @param encode a cell; also what stands around it */
  constructor(columns: Columns, encode: (text: string, column: number) => string) {
    this.#columns = columns;
    this.#encode = encode;
  }

  /** Adds the texts of a finding's rows to a list, which is joined when there is enough of it: faster than one by one. */
  addRows(found: FoundFinding, to: string[], end: string): void {
    for (const parts of this.#rows.of(found)) {
      for (const { cells, textOn, column } of parts) {
        to.push(cells);
        if (textOn) to.push(this.#encode(textOn(found), column));
      }
      to.push(end);
    }
  }

  #rowsOf(like: Finding): RowPart[][] {
    const cves = cvesOf(like);
    const rows: RowPart[][] = [];
    if (!this.#columns.rowPerCve || cves.length === 0) rows.push(this.#rowOf(like, cves.join('\n')));
    else for (const cve of cves) rows.push(this.#rowOf(like, cve));
    return rows;
  }

  #rowOf(like: Finding, cve: string): RowPart[] {
    const parts: RowPart[] = [];
    let cells: string[] = [];
    for (const [column, { text, textOn }] of this.#columns.columns.entries()) {
      if (textOn) {
        parts.push({ cells: cells.join(''), textOn, column }); // joined at once it is one text to V8; added up, it would be walked through each time
        cells = [];
      } else cells.push(this.#encode(text?.(like, cve) ?? '', column));
    }
    parts.push({ cells: cells.join(''), textOn: undefined, column: this.#columns.columns.length });
    return parts;
  }
}
