import { command, formatTable, type Paint, paintFor } from '@nmcp/runtime/cli';
import { complianceOf, eventsOf, mergedDocuments, SEVERITY_WORDS, singleDocument, Tally } from '@nmcp/schema';
import type { CommandDef } from 'citty';
import { openInputs } from '../convert/inputs.ts';

/** Rows of each table. */
const SHOWN = 10;
/** Columns of the longest bar. */
const BAR = 40;
const COLOURS: readonly Parameters<Paint>[0][] = ['dim', 'green', 'yellow', 'red', 'red'];

/** Shows a summary of exports. */
export const show: CommandDef = command({
  meta: {
    name: 'show',
    description: 'Show a summary of .nessus files: severities, worst hosts, what to fix first',
    examples: ['show scan.nessus', 'show folder-of-exports'],
  },
  args: {
    file: {
      type: 'positional',
      required: true,
      description: '.nessus files, folders, .nessus.gz, .zip, or -',
      valueHint: 'FILE...',
    },
  },
  async run({ args }) {
    await using inputs = await openInputs(args._);
    const [only] = inputs.documents;
    const source =
      inputs.documents.length > 1
        ? mergedDocuments(inputs.documents)
        : singleDocument(() => only?.open() ?? []);
    const tally = new Tally();
    const checks = new Map<string, number>();
    for await (const batch of eventsOf(source))
      for (const event of batch) {
        tally.add(event);
        const result = event.type === 'finding' ? complianceOf(event.finding)?.result : undefined;
        if (result !== undefined) checks.set(result, (checks.get(result) ?? 0) + 1);
      }
    console.log(summaryOf(tally, checks));
  },
});

function summaryOf(tally: Tally, checks: ReadonlyMap<string, number>): string {
  const paint = paintFor(process.stdout);
  const width = process.stdout.columns ?? 100;
  const sum = tally.total.reduce((a, b) => a + b, 0);
  const facts = [
    `${tally.hosts} ${tally.hosts === 1 ? 'host' : 'hosts'}, ${sum} findings`,
    tally.policyName === '' ? '' : `policy ${tally.policyName}`,
    tally.start === '' ? '' : `scanned ${tally.start} to ${tally.end}`,
  ];
  const fixes = tally.fixes();
  const hosts = tally.worstHosts().filter(({ counts }) => counts.slice(1).some((count) => count > 0));
  return [
    paint('bold', oneLine(tally.scanName)),
    oneLine(facts.filter((fact) => fact !== '').join(', ')),
    '',
    ...bars(tally.total, paint),
    ...(checks.size > 0
      ? [
          '',
          `Compliance: ${['PASSED', 'FAILED', 'WARNING', 'ERROR'].map((word) => `${checks.get(word) ?? 0} ${word.toLowerCase()}`).join(', ')}`,
        ]
      : []),
    ...section('Worst hosts', hosts.length, (paintCell) =>
      formatTable(
        ['Host', 'OS', 'Critical', 'High', 'Medium', 'Low'],
        hosts
          .slice(0, SHOWN)
          .map(({ name, facts: { os = '' }, counts }) => [
            name,
            os,
            ...counts.slice(1).toReversed().map(String),
          ]),
        { width, paint: paintCell },
      ),
    ),
    ...section('What to fix first', fixes.length, (paintCell) =>
      formatTable(
        ['Severity', 'Findings', 'Hosts', 'What to do'],
        fixes
          .slice(0, SHOWN)
          .map(({ severity, step, findings, hosts: on }) => [
            SEVERITY_WORDS[severity] ?? '',
            String(findings),
            String(on.size),
            step,
          ]),
        { width, paint: paintCell },
      ),
    ),
  ].join('\n');
}

function section(
  title: string,
  count: number,
  table: (paint: (column: number, text: string) => string) => string,
): string[] {
  if (count === 0) return [];
  const more = count > SHOWN ? [`  and ${count - SHOWN} more`] : [];
  return ['', title, table((_, text) => text), ...more];
}

function bars(total: readonly number[], paint: Paint): string[] {
  const most = Math.max(1, ...total);
  return [4, 3, 2, 1, 0].map((severity) => {
    const count = total[severity] ?? 0;
    const length = count === 0 ? 0 : Math.max(1, Math.round((BAR * count) / most));
    const bar = paint(COLOURS[severity] ?? 'dim', '█'.repeat(length));
    return `  ${(SEVERITY_WORDS[severity] ?? '').padEnd(9)}${bar} ${count}`;
  });
}

/** Text that a host or a policy could have written, on one line. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{C}+/gu, ' ');
}
