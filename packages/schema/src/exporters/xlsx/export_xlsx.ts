import { type ComplianceCheck, complianceOf } from '../../compliance.ts';
import { textOf } from '../../finding.ts';
import { untouched } from '../../found_events.ts';
import { foundIn } from '../../found_finding.ts';
import { SEVERITY_WORDS } from '../../severity.ts';
import { type Column, columnsOf, RowEncoder } from '../columns.ts';
import { type Exporter, solutionOf } from '../exporter.ts';
import { type FindingGroup, FindingGroups } from '../groups.ts';
import { Tally } from '../tally.ts';
import { numberCell, textCell } from './cells.ts';
import { Workbook } from './workbook.ts';

const ORDER = ['Summary', 'Findings', 'Plugins', 'Hosts', 'Compliance'];
/** Places of a plugin that its cell names. */
const PLACES = 1000;

/**
 * An Excel workbook: a summary with what to fix first; findings in Nessus's own columns, or the fields that `fields` names; plugins
 * with the hosts and ports that they found something on; hosts with their facts; compliance checks. The findings are written as
 * they come. Texts are texts, whatever they look like; one that is longer than a cell is cut with a mark, and a sheet that is full
 * goes on in another one.
 */
export const exportXlsx: Exporter<Uint8Array> = async function* (events, options = {}) {
  const columns = { ...columnsOf(options), rowPerCve: false };
  const book = new Workbook(options.maxRows);
  const [tally, groups] = [new Tally(), new FindingGroups({ withOutputs: false })];
  const checks: string[] = [];
  const rows = new RowEncoder(columns, (text, index) => cellOf(text, columns.columns[index], book));
  const titles = columns.columns.map(({ title }) => title);
  book.sheet({ name: 'Findings', titles, widths: titles.map(widthOf) });
  for await (const batch of untouched(events)) {
    for (const event of batch) {
      tally.add(event);
      groups.add(event);
      if (event.type !== 'finding') continue;
      const cells: string[] = [];
      const found = foundIn(event);
      rows.addRows(found, cells, '');
      book.row(cells.join(''));
      const check = complianceOf(found.like);
      if (check) checks.push(checkRow(found.host, check));
    }
    yield* await book.take();
  }
  writeSummary(book, tally);
  writePlugins(book, groups.worstFirst());
  writeHosts(book, tally);
  if (checks.length > 0) {
    book.sheet({ name: 'Compliance', titles: CHECK_TITLES, widths: [18, 50, 10, 40, 40, 30, 50, 60] });
    for (const row of checks) book.row(row);
  }
  book.end(ORDER);
  yield* await book.take();
};

/** A cell of a finding's row: what many findings have in common is a text that the workbook has once. */
function cellOf(text: string, column: Column | undefined, book: Workbook): string {
  if (column?.isNumber) return numberCell(text);
  return column?.textOn ? textCell(text) : book.shared.cell(text);
}

const CHECK_TITLES = [
  'Host',
  'Check',
  'Result',
  'Actual value',
  'Policy value',
  'References',
  'Solution',
  'Info',
  'Audit',
  'Check ID',
];

function checkRow(host: string, check: ComplianceCheck): string {
  const references = check.references.map(({ standard, id }) => `${standard} ${id}`.trim());
  return [
    ...[host, check.name, check.result ?? '', check.actualValue, check.policyValue, references.join('\n')],
    ...[check.solution, check.info, check.benchmark, check.id],
  ]
    .map((text) => textCell(text))
    .join('');
}

function widthOf(title: string): number {
  if (
    /^(?:Name|Synopsis|Description|Solution|See Also|Plugin Output|plugin_name|synopsis|description|solution|see_also|plugin_output)$/.test(
      title,
    )
  )
    return 50;
  return Math.max(10, title.length + 2);
}

function writeSummary(book: Workbook, tally: Tally): void {
  book.sheet({ name: 'Summary', titles: ['What', 'Value', 'Findings', 'Hosts'], widths: [24, 80, 12, 12] });
  const facts: [string, string][] = [
    ['Scan', tally.scanName],
    ['Policy', tally.policyName],
    ['Begun', tally.start],
    ['Ended', tally.end],
    ['Hosts', String(tally.hosts)],
  ];
  for (const [name, value] of facts)
    book.row(textCell(name) + (name === 'Hosts' ? numberCell(value) : textCell(value)));
  for (const severity of [4, 3, 2, 1, 0] as const)
    book.row(textCell(SEVERITY_WORDS[severity]) + textCell('') + numberCell(String(tally.total[severity])));
  for (const { severity, step, findings, hosts } of tally.fixes().slice(0, 100))
    book.row(
      textCell(`Fix (${SEVERITY_WORDS[severity] ?? ''})`) +
        textCell(step) +
        numberCell(String(findings)) +
        numberCell(String(hosts.size)),
    );
}

function writePlugins(book: Workbook, groups: readonly FindingGroup[]): void {
  book.sheet({
    name: 'Plugins',
    titles: ['Plugin ID', 'Severity', 'Name', 'CVE', 'CVSS', 'VPR', 'Hosts', 'Findings', 'On', 'Solution'],
    widths: [10, 10, 50, 20, 8, 8, 8, 8, 50, 60],
  });
  for (const { key, severity, title, cves, first, hosts, places } of groups) {
    const named = places.slice(0, PLACES).map(({ host, port }) => `${host}:${port}`);
    const more = places.length - named.length;
    book.row(
      [
        ...[
          numberCell(key),
          textCell(SEVERITY_WORDS[severity]),
          textCell(title),
          textCell([...cves].join('\n')),
        ],
        ...[numberCell(textOf(first.cvss_score)), numberCell(textOf(first.vpr_score))],
        ...[numberCell(String(hosts.size)), numberCell(String(places.length))],
        textCell([...new Set(named)].join('\n') + (more > 0 ? `\nand ${more} more` : '')),
        textCell(solutionOf(first)),
      ].join(''),
    );
  }
}

function writeHosts(book: Workbook, tally: Tally): void {
  const facts = ['host_ip', 'host_fqdn', 'netbios', 'mac', 'os', 'credentialed', 'host_start', 'host_end'];
  book.sheet({
    name: 'Hosts',
    titles: [
      'Host',
      'Address',
      'FQDN',
      'NetBIOS',
      'MAC',
      'OS',
      'Login',
      'Begun',
      'Ended',
      'Critical',
      'High',
      'Medium',
      'Low',
      'Info',
    ],
    widths: [18, 18, 30, 18, 20, 40, 10, 24, 24, 9],
  });
  for (const host of tally.worstHosts()) {
    const cells = [host.name, ...facts.map((field) => host.facts[field] ?? '')].map((text) => textCell(text));
    const counts = host.counts.toReversed().map((count) => numberCell(String(count)));
    book.row([...cells, ...counts].join(''));
  }
}
