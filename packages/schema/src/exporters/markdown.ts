import { cleanText, type Exporter, SEVERITY_WORDS } from './exporter.ts';
import { Tally } from './tally.ts';

const TOP = 20;

/** A summary in Markdown: counts, worst hosts, what to fix first. */
export const exportMarkdown: Exporter = async function* (events) {
  const tally = new Tally();
  for await (const batch of events) for (const event of batch) tally.add(event);
  const sum = tally.total.reduce((a, b) => a + b, 0);
  yield `# ${cell(tally.scanName)}\n\n${tally.hosts.size} hosts, ${sum} findings${tally.policyName ? `, policy ${cell(tally.policyName)}` : ''}.\n\n`;
  yield table(
    ['Severity', 'Findings'],
    SEVERITY_WORDS.map((word, severity) => [word, String(tally.total[severity] ?? 0)]).toReversed(),
  );
  yield '\n## Worst hosts\n\n';
  yield table(
    ['Host', 'Critical', 'High', 'Medium', 'Low', 'Info'],
    tally
      .worstHosts()
      .slice(0, TOP)
      .map(([host, counts]) => [host, ...counts.toReversed().map(String)]),
  );
  yield '\n## What to fix first\n\n';
  yield table(
    ['Severity', 'Finding', 'Hosts', 'CVE', 'Plugin'],
    tally
      .worstPlugins()
      .slice(0, TOP)
      .map(([id, plugin]) => [
        SEVERITY_WORDS[plugin.severity] ?? '',
        plugin.title,
        String(plugin.hosts),
        plugin.cves.slice(0, 3).join(', '),
        id,
      ]),
  );
};

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))];
  return lines.map((row) => `| ${row.join(' | ')} |\n`).join('');
}

/** Text that is only text in Markdown: no markup, no HTML, no line end, and no address that would become a link. */
function cell(text: string): string {
  return cleanText(text)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_{}[\]<>()#+!|~&:@]/g, (char) => `\\${char}`)
    .replaceAll(/www\./gi, (start) => `${start.slice(0, -1)}\\.`);
}
