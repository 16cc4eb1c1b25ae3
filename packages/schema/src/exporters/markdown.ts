import { cleanText } from '../clean_text.ts';
import { complianceOf } from '../compliance.ts';
import { untouched } from '../found_events.ts';
import { SEVERITY_WORDS } from '../severity.ts';
import { shorten } from '../shorten.ts';
import { type Exporter, titleOf } from './exporter.ts';

import { FindingGroups } from './groups.ts';
import { Tally } from './tally.ts';

/** Rows of a table, before the rest is counted. */
const ROWS = 50;
/** Characters of a step and of a list of hosts. */
const STEP_LENGTH = 200;
const HOSTS_LENGTH = 120;

/**
 * A summary in Markdown for a ticket or a chat: counts, what to do first, grouped by what fixes it, the worst hosts with their facts,
 * and the compliance checks that did not pass.
 */
export const exportMarkdown: Exporter<string> = async function* (events, { maxRows = ROWS } = {}) {
  const tally = new Tally();
  const checks = new FindingGroups();
  for await (const batch of untouched(events)) {
    for (const event of batch) {
      tally.add(event);
      if (event.type === 'finding' && complianceOf(event.finding)) checks.add(event);
    }
  }
  const sum = tally.total.reduce((a, b) => a + b, 0);
  const when =
    tally.start === ''
      ? ''
      : `, scanned ${day(tally.start)}${day(tally.end) === day(tally.start) ? '' : ` to ${day(tally.end)}`}`;
  yield `# ${markdownText(tally.scanName)}\n\n${tally.hosts} hosts, ${sum} findings${tally.policyName ? `, policy ${markdownText(tally.policyName)}` : ''}${when}.\n\n`;
  yield markdownTable(
    ['Severity', 'Findings'],
    SEVERITY_WORDS.map((word, severity) => [word, String(tally.total[severity] ?? 0)]).toReversed(),
    maxRows,
  );
  yield '\n## What to fix first\n\n';
  yield markdownTable(
    ['Severity', 'What to do', 'Findings', 'Hosts', 'On', 'CVE'],
    tally
      .fixes()
      .map(({ severity, step, findings, hosts, cves }) => [
        SEVERITY_WORDS[severity] ?? '',
        shorten(step, STEP_LENGTH),
        String(findings),
        String(hosts.size),
        shorten([...hosts].slice(0, 20).join(', '), HOSTS_LENGTH),
        [...cves].slice(0, 3).join(', ') + (cves.size > 3 ? ` and ${cves.size - 3} more` : ''),
      ]),
    maxRows,
  );
  yield '\n## Worst hosts\n\n';
  yield markdownTable(
    ['Host', 'Address', 'Names', 'OS', 'Login', 'Critical', 'High', 'Medium', 'Low', 'Info'],
    tally.worstHosts().map(({ name, facts, counts }) => {
      const names = [facts.host_fqdn, facts.netbios].filter(Boolean).join(', ');
      return [
        ...[name, facts.host_ip ?? '', names, facts.os ?? '', facts.credentialed ?? ''],
        ...counts.toReversed().map(String),
      ];
    }),
    maxRows,
  );
  yield* complianceSection(checks, maxRows);
};

function* complianceSection(checks: FindingGroups, maxRows: number): Generator<string> {
  const all = checks.worstFirst();
  if (all.length === 0) return;
  const counts = { PASSED: 0, FAILED: 0, WARNING: 0, ERROR: 0 };
  for (const { places } of all) for (const { result } of places) if (result) counts[result]++;
  yield `\n## Compliance\n\n${counts.PASSED} passed, ${counts.FAILED} failed, ${counts.WARNING} to review, ${counts.ERROR} with errors.\n\n`;
  const rows = all.flatMap(({ first, places }) =>
    places
      .filter(({ result }) => result !== 'PASSED')
      .map(({ host, result }) => {
        const references = complianceOf(first)?.references ?? [];
        const named = references.map(({ standard, id }) => `${standard} ${id}`.trim());
        return [result ?? '', titleOf(first), host, named.join(', ')];
      }),
  );
  yield markdownTable(['Result', 'Check', 'Host', 'References'], rows, maxRows);
}

/** A table in Markdown; more than so many rows are counted. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  maxRows: number = Number.POSITIVE_INFINITY,
): string {
  const shown = rows.slice(0, maxRows).map((row) => row.map(markdownText));
  const lines = [head, head.map(() => '---'), ...shown].map((row) => `| ${row.join(' | ')} |\n`);
  return lines.join('') + (rows.length > maxRows ? `\n${rows.length - maxRows} more are left out.\n` : '');
}

function day(time: string): string {
  return time.slice(0, 10);
}

/** Text that is only text in Markdown: no markup, no HTML, no line end, and no address that would become a link. */
export function markdownText(text: string): string {
  return cleanText(text, Number.POSITIVE_INFINITY)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_{}[\]<>()#+!|~&:@]/g, (char) => `\\${char}`)
    .replaceAll(/www\./gi, (start) => `${start.slice(0, -1)}\\.`);
}
