import type { Caller } from '@nmcp/access';
import type { ComparedScans, ScanComparison } from '@nmcp/scans';
import { cleanText } from '@nmcp/schema';
import type { Task } from '@nmcp/types';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { StackedBar } from './charts.tsx';
import { findingPath } from './finding_path.ts';
import { Page, Table, When } from './layout.tsx';
import { SEVERITIES, type SeverityCounts, severityOfLevel } from './severities.ts';

/** Two scans side by side. */
export function ComparePage({
  earlier,
  later,
  caller,
  comparison,
}: ComparedScans & { caller: Caller }): JSX.Element {
  const { new: appeared, fixed, persisting, hosts, changed_severity } = comparison;
  const kinds = [
    { word: 'New', part: appeared },
    { word: 'Fixed', part: fixed },
    { word: 'Still there', part: persisting },
  ];
  const sum = (counts: SeverityCounts): number => SEVERITIES.reduce((all, { key }) => all + counts[key], 0);
  const widest = Math.max(1, ...kinds.map(({ part }) => sum(part.by_severity)));
  return (
    <Page title="Comparison" caller={caller} here="/scans">
      <p>
        From <a href={`/scans/${earlier.task_id}`}>{earlier.payload.name || earlier.task_id}</a> (
        <When at={earlier.created_at} />) to{' '}
        <a href={`/scans/${later.task_id}`}>{later.payload.name || later.task_id}</a> (
        <When at={later.created_at} />
        ). {hosts.both} hosts are in both, {hosts.only_earlier} only in the earlier, {hosts.only_later} only
        in the later one.
      </p>
      <Table
        caption="Findings by change"
        head={['', 'By severity', 'Findings']}
        empty=""
        rows={kinds.map(({ word, part }) => [
          word,
          <StackedBar counts={part.by_severity} widest={widest} />,
          String(part.total),
        ])}
      />
      <h2>Worst new findings</h2>
      <Compared caption="New findings" findings={appeared.worst} of={later} />
      <h2>Worst fixed findings</h2>
      <Compared caption="Fixed findings" findings={fixed.worst} of={earlier} />
      {changed_severity.total > 0 ? (
        <>
          <h2>Changed severity</h2>
          <Compared caption="Findings whose severity changed" findings={changed_severity.worst} of={later} />
        </>
      ) : null}
    </Page>
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
      caption={caption}
      head={['Severity', 'Plugin', 'Host', 'Port']}
      empty="None."
      rows={findings.map((finding) => {
        const { key, word } = severityOfLevel(finding.severity);
        const page = findingPath(of.task_id, finding);
        return [
          <span class={`chip ${key}`}>{word}</span>,
          <a href={page}>{cleanText(finding.plugin_name, 160)}</a>,
          cleanText(finding.host, 100),
          `${finding.port}/${cleanText(finding.protocol, 10)}`,
        ];
      })}
    />
  );
}
