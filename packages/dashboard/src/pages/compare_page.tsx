import type { Caller } from '@nmcp/access';
import { type ComparedScans, ranAt, type ScanComparison } from '@nmcp/scans';
import { cleanText } from '@nmcp/schema';
import type { Task } from '@nmcp/types';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { StackedBar } from './charts.tsx';
import { findingPath } from './finding_path.ts';
import { HostName, portOf } from './findings_table.tsx';
import { cut, Page, ScanLink, When } from './layout.tsx';
import { Problem } from './problem.tsx';
import { Chip, Counts, SEVERITIES, type SeverityCounts } from './severities.tsx';
import { Table } from './table.tsx';

/** Two scans side by side. */
export function ComparePage({
  earlier,
  later,
  caller,
  comparison,
}: ComparedScans & { caller: Caller }): JSX.Element {
  const { new: appeared, fixed, persisting, not_looked, hosts, changed_severity, notes } = comparison;
  const { login, port, plugin } = not_looked.by_reason;
  const kinds = [
    { word: 'New', part: appeared },
    { word: 'Fixed', part: fixed },
    { word: 'Still there', part: persisting },
    { word: 'Not looked for any more', part: not_looked },
    { word: 'On hosts that are gone', part: { ...hosts.gone, total: hosts.gone.findings } },
    { word: 'On added hosts', part: { ...hosts.added, total: hosts.added.findings } },
  ];
  const sum = (counts: SeverityCounts): number => SEVERITIES.reduce((all, { key }) => all + counts[key], 0);
  const widest = Math.max(1, ...kinds.map(({ part }) => sum(part.by_severity)));
  return (
    <Page title="Comparison" caller={caller} here="/scans">
      <p>
        From <ScanLink task={earlier} /> (<When at={ranAt(earlier)} />) to <ScanLink task={later} /> (
        <When at={ranAt(later)} />
        ). {hosts.both} hosts are in both. New, fixed and still there are findings on these.
      </p>
      {hosts.both === 0 ? (
        <Problem text="The two scans have no host in common, so nothing was fixed and nothing is new: compare scans of the same targets." />
      ) : null}
      {notes.map((note) => (
        <p class="notice">{cleanText(note, 400)}</p>
      ))}
      <Hosts word="Gone: the later scan did not reach" hosts={hosts.gone} />
      <Hosts word="Added: only the later scan reached" hosts={hosts.added} />
      <Table
        caption="Findings by change"
        head={[
          'Change',
          { word: 'Critical, high, medium, low', kind: 'fixed' },
          'By severity',
          { word: 'Findings', kind: 'number' },
        ]}
        empty=""
        rows={kinds.map(({ word, part }) => [
          word,
          <Counts counts={part.by_severity} />,
          <StackedBar counts={part.by_severity} widest={widest} />,
          String(part.total),
        ])}
      />
      <h2>Worst new findings</h2>
      <Compared caption="New findings" findings={appeared.worst} of={later} />
      <h2>Worst fixed findings</h2>
      <Compared caption="Fixed findings" findings={fixed.worst} of={earlier} />
      {not_looked.total > 0 ? (
        <>
          <h2>Not looked for any more</h2>
          <p>
            These may still be there: the later scan had a worse login ({login}), did not look at the port (
            {port}), or did not run the plugin ({plugin}).
          </p>
          <Compared caption="Findings that were not looked for" findings={not_looked.worst} of={earlier} />
        </>
      ) : null}
      {changed_severity.total > 0 ? (
        <>
          <h2>Changed severity</h2>
          <Compared caption="Findings whose severity changed" findings={changed_severity.worst} of={later} />
        </>
      ) : null}
    </Page>
  );
}

function Hosts({
  word,
  hosts,
}: {
  word: string;
  hosts: ScanComparison['hosts']['gone'];
}): JSX.Element | null {
  if (hosts.total === 0) return null;
  return (
    <p>
      {word} {hosts.total} {hosts.total === 1 ? 'host' : 'hosts'}: {cleanText(hosts.hosts, 400)}
    </p>
  );
}

function Compared({
  caption,
  findings,
  of,
}: {
  caption: string;
  findings: ScanComparison['new']['worst'];
  of: Task;
}): JSX.Element {
  return (
    <Table
      dense
      caption={caption}
      head={[
        { word: 'Severity', kind: 'fixed' },
        'Finding',
        { word: 'Host', kind: 'fixed' },
        { word: 'Port', kind: 'fixed' },
      ]}
      empty="None."
      rows={findings.map((finding) => [
        <Chip level={finding.severity} />,
        <a href={findingPath(of.task_id, finding)}>
          {cut(finding.plugin_name, 160)}
          {finding.check === undefined ? '' : `: ${cut(finding.check, 100)}`}
        </a>,
        <HostName host={finding.host} />,
        portOf(finding),
      ])}
    />
  );
}
