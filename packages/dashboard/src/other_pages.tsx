import type { Caller } from '@nmcp/access';
import type { DeadLetter } from '@nmcp/queue';
import type { ComparedFinding, ScanComparison } from '@nmcp/results';
import { cleanText, type Finding } from '@nmcp/schema';
import type { Task } from '@nmcp/types';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { StackedBar } from './charts.tsx';
import { Page, Table, When } from './layout.tsx';
import { SEVERITIES, type SeverityCounts, severityOfLevel } from './severities.ts';

const FIRST = ['synopsis', 'description', 'solution', 'plugin_output', 'see_also'];

/** Findings of a plugin on a host, in full. */
export function FindingPage({
  task,
  caller,
  host,
  findings,
}: {
  task: Task;
  caller: Caller;
  host: string;
  findings: readonly Finding[];
}): JSX.Element {
  const [first = {} as Finding] = findings; // there is one, or the page is not made
  const { key, word } = severityOfLevel(Number(first.severity));
  return (
    <Page title={cleanText(String(first.plugin_name ?? ''), 200)} caller={caller} here="/scans">
      <p>
        <span class={`chip ${key}`}>{word}</span> on{' '}
        <a href={`/scans/${task.task_id}?host=${encodeURIComponent(host)}`}>{cleanText(host, 100)}</a> in{' '}
        <a href={`/scans/${task.task_id}`}>{task.payload.name || task.task_id}</a>
      </p>
      <p class="notice">Texts below come from the scanned host and the plugin.</p>
      {findings.map((finding) => (
        <Texts finding={finding} />
      ))}
    </Page>
  );
}

function Texts({ finding }: { finding: Finding }): JSX.Element {
  const names = [
    ...FIRST.filter((name) => finding[name] !== undefined),
    ...Object.keys(finding).filter((name) => !FIRST.includes(name)),
  ];
  return (
    <dl class="about finding">
      {names.map((name) => {
        const value = finding[name];
        const text = Array.isArray(value) ? value.join('\n') : String(value ?? '');
        return (
          <div>
            <dt>{name.replaceAll('_', ' ')}</dt>
            <dd>
              <pre>{cleanText(text)}</pre>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

/** Two scans side by side. */
export function ComparePage({
  earlier,
  later,
  caller,
  comparison,
}: {
  earlier: Task;
  later: Task;
  caller: Caller;
  comparison: ScanComparison;
}): JSX.Element {
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
        caption="Findings by what became of them"
        head={['', 'By severity', 'Findings']}
        empty=""
        rows={kinds.map(({ word, part }) => [
          word,
          <StackedBar counts={part.by_severity} widest={widest} />,
          String(part.total),
        ])}
      />
      <h2>Worst of the new ones</h2>
      <Compared caption="New findings" findings={appeared.worst} of={later} />
      <h2>Worst of the fixed ones</h2>
      <Compared caption="Fixed findings" findings={fixed.worst} of={earlier} />
      {changed_severity.total > 0 ? (
        <>
          <h2>Changed severity</h2>
          <Compared caption="Findings with another severity" findings={changed_severity.worst} of={later} />
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
  findings: readonly ComparedFinding[];
  of: Task;
}): JSX.Element {
  return (
    <Table
      caption={caption}
      head={['Severity', 'Plugin', 'Host', 'Port']}
      empty="There are none."
      rows={findings.map((finding) => {
        const { key, word } = severityOfLevel(finding.severity);
        const page = `/scans/${of.task_id}/hosts/${encodeURIComponent(finding.host)}/plugins/${finding.plugin_id}`;
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

/** What could not be run. */
export function DeadLettersPage({
  caller,
  formToken,
  letters,
  said,
}: {
  caller: Caller;
  formToken: string;
  letters: readonly DeadLetter[];
  said?: string | undefined;
}): JSX.Element {
  return (
    <Page title="Dead letters" caller={caller} here="/dead-letters">
      {said ? <p role="status">{said}</p> : null}
      <Table
        caption={`${letters.length} tasks that could not be run`}
        head={['Task', 'Pool', 'Failed', 'Why', '']}
        empty="There are none."
        rows={letters.map(({ id, scanner_pool, failed_at, error }) => [
          id.startsWith('malformed-') ? id : <a href={`/scans/${encodeURIComponent(id)}`}>{id}</a>,
          scanner_pool,
          <When at={failed_at} />,
          cleanText(error, 300),
          id.startsWith('malformed-') ? (
            ''
          ) : (
            <form method="post" action="/dead-letters/retry">
              <input type="hidden" name="form" value={formToken} />
              <input type="hidden" name="pool" value={scanner_pool} />
              <input type="hidden" name="id" value={id} />
              <button type="submit">Run again</button>
            </form>
          ),
        ])}
      />
    </Page>
  );
}

/** Where a token is asked for. */
export function LoginPage({ problem, to }: { problem?: string | undefined; to: string }): JSX.Element {
  return (
    <Page title="Log in">
      {problem ? (
        <p class="problem" role="alert">
          {problem}
        </p>
      ) : null}
      <form method="post" action="/login" class="login">
        <input type="hidden" name="to" value={to} />
        <label>
          Token <input name="token" type="password" autocomplete="current-password" required />
        </label>
        <button type="submit">Log in</button>
      </form>
      <p>An operator makes one with nmcp-admin token create.</p>
    </Page>
  );
}

/** Something that is not there, or may not be seen. */
export function ProblemPage({
  title,
  text,
  caller,
}: {
  title: string;
  text: string;
  caller: Caller;
}): JSX.Element {
  return (
    <Page title={title} caller={caller}>
      <p class="problem" role="alert">
        {text}
      </p>
      <p>
        <a href="/scans">To the scans</a>
      </p>
    </Page>
  );
}
