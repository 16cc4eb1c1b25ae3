import type { Caller } from '@nmcp/access';
import type { CheckResult, FixPlan, NetworkSummary, Overview, ScanPair } from '@nmcp/scans';
import { ranAt } from '@nmcp/scans';
import type { Child } from 'hono/jsx';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { Meter } from './charts.tsx';
import { Fixes, stepOf } from './fixes.tsx';
import { cut, Page, ScanLink, State, When, withQuery } from './layout.tsx';
import { NewScanLink } from './new_scan_link.tsx';
import { Problem } from './problem.tsx';
import { Counts, difference, SeverityTiles } from './severities.tsx';
import { Table } from './table.tsx';
import { timeLeft } from './time_left.ts';
import { verdict } from './verdict.ts';

/** What the overview shows. */
export interface ShownOverview {
  overview: Overview;
  /** The inventory's; or why it does not answer. */
  network: { summary: NetworkSummary; plan: FixPlan } | { problem: string };
  /** Latest scans of each set of targets. */
  pairs: readonly ScanPair[];
  /** What the self-check found, of what this caller may know. */
  checks: readonly CheckResult[];
}

/** Are we better or worse, and what must be done first; below it, what goes on. */
export function OverviewPage({
  caller,
  mayScan,
  ...shown
}: ShownOverview & { caller: Caller; mayScan: boolean }): JSX.Element {
  return (
    <Page title="Overview" caller={caller} here="/" live="/events" action={<NewScanLink mayScan={mayScan} />}>
      <div id="live" aria-live="polite">
        <Problem text={shown.overview.problem} />
        <OpenFindings network={shown.network} />
        <div class="columns">
          <section aria-labelledby="fix-first">
            <h2 id="fix-first">Fix first</h2>
            <Fixes
              fixes={'plan' in shown.network ? shown.network.plan.steps.map(stepOf) : []}
              empty="Nothing to fix: nothing above info is known to be open."
            />
            <p>
              <a href="/network/fixes">The whole plan</a>
            </p>
          </section>
          <NeedsPerson {...shown} />
        </div>
        <Running overview={shown.overview} />
        <Latest pairs={shown.pairs} />
        <Ended overview={shown.overview} />
      </div>
    </Page>
  );
}

function OpenFindings({ network }: Pick<ShownOverview, 'network'>): JSX.Element {
  return (
    <section aria-labelledby="open">
      <h2 id="open">Open findings</h2>
      {'problem' in network ? <Problem text={network.problem} /> : <Standing summary={network.summary} />}
    </section>
  );
}

function Standing({ summary: { open, change, why_empty } }: { summary: NetworkSummary }): JSX.Element {
  if (why_empty !== undefined) return <p class="empty">{why_empty}.</p>;
  const { word, text } = verdict(change);
  const link = (level: number): string => withQuery('/network/vulnerabilities', { severity: `=${level}` });
  return (
    <>
      <p class={`verdict ${word}`}>{text}</p>
      <SeverityTiles counts={open} change={change?.by} otherwise="" link={link} />
      <p>
        <a href="/network">The network over time</a>
      </p>
    </>
  );
}

function NeedsPerson({ overview, checks }: ShownOverview): JSX.Element {
  const { failed, approvals, scanners, pools } = overview;
  const dead = pools.reduce((sum, pool) => sum + pool.dead, 0);
  const troubled = checks.filter(({ state }) => state !== 'ok');
  const known = new Set(troubled.map(({ check }) => check));
  const silent = scanners.filter(
    ({ circuit, instance_key }) => circuit !== 'closed' && !known.has(`scanner ${instance_key}`),
  );
  const items: Child[] = [
    ...approvals.map((task) => (
      <>
        <State word="approval" /> <ScanLink task={task} /> waits for approval:{' '}
        {cut(task.approval?.reason ?? '', 160)}. Expires <When at={task.approval?.expires_at ?? null} />
      </>
    )),
    ...troubled.map(({ check, state, detail, advice }) => (
      <>
        <State word={state} /> {cut(`${check}: ${detail}`, 300)}
        {advice ? <span class="advice">{advice}.</span> : null}
      </>
    )),
    ...silent.map(({ instance_key, circuit, problem }) => (
      <>
        <State word={circuit} /> scanner {instance_key}: {cut(problem ?? 'its calls fail', 300)}
      </>
    )),
    ...(dead > 0
      ? [
          <>
            <State word="failed" /> {dead === 1 ? '1 scan' : `${dead} scans`} could not be run:{' '}
            <a href="/dead-letters">see why</a>
          </>,
        ]
      : []),
    ...failed.map((task) => (
      <>
        <State word={task.status} /> <ScanLink task={task} /> {cut(task.error_message ?? 'failed', 160)}
      </>
    )),
  ];
  return (
    <section aria-labelledby="needs-person">
      <h2 id="needs-person">Needs a person</h2>
      {items.length === 0 ? <p class="empty">Nothing needs a person now.</p> : null}
      {items.length > 0 ? (
        <ul class="todo">
          {items.map((item) => (
            <li>{item}</li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}

function Running({ overview: { running, pools, at } }: { overview: Overview }): JSX.Element {
  const waiting = pools.reduce((sum, pool) => sum + pool.queued, 0);
  return (
    <section aria-labelledby="running">
      <h2 id="running">Running scans</h2>
      <Table
        caption={`${running.length} running, ${waiting} waiting for a scanner`}
        head={[
          'Scan',
          { word: 'Progress', kind: 'fixed' },
          { word: 'Left', kind: 'fixed' },
          { word: 'Scanner', kind: 'fixed' },
          { word: 'Started', kind: 'fixed' },
        ]}
        empty={waiting > 0 ? `No scan is running; ${waiting} wait for a scanner.` : 'No scan is running.'}
        rows={running.map((task) => [
          <ScanLink task={task} />,
          <span class="progress">
            <Meter percent={task.progress ?? 0} label={`${task.progress ?? 0} percent done`} />{' '}
            {task.progress ?? 0} %
          </span>,
          timeLeft(task, at),
          task.scanner_instance_id ?? '–',
          <When at={task.started_at} />,
        ])}
      />
    </section>
  );
}

/** Series of scans that are shown. */
export const SHOWN_SERIES = 12;

function Latest({ pairs }: { pairs: readonly ScanPair[] }): JSX.Element {
  return (
    <section aria-labelledby="latest">
      <h2 id="latest">Latest scan of each set of targets</h2>
      <Table
        caption={pairs.length > SHOWN_SERIES ? `The newest ${SHOWN_SERIES}` : 'By when they ran'}
        head={[
          'Scan',
          'Targets',
          { word: 'Critical, high, medium, low', kind: 'fixed' },
          { word: 'Critical and high', kind: 'fixed' },
          { word: 'Ran', kind: 'fixed' },
        ]}
        empty="No scan has been completed yet."
        rows={pairs.slice(0, SHOWN_SERIES).map(({ latest, before }) => {
          const counts = latest.validation_stats?.severity_breakdown;
          const earlier = before?.validation_stats?.severity_breakdown;
          const change = counts && earlier ? difference(counts, earlier) : undefined;
          return [
            <ScanLink task={latest} />,
            cut(latest.payload.targets, 60),
            counts ? <Counts counts={counts} /> : '–',
            before && change ? (
              <a href={`/scans/${latest.task_id}/compare?with=${before.task_id}`}>
                {urgentChange(change.critical + change.high)}
              </a>
            ) : (
              'first scan'
            ),
            <When at={ranAt(latest)} />,
          ];
        })}
      />
    </section>
  );
}

function urgentChange(by: number): string {
  if (by === 0) return 'no change';
  return by > 0 ? `${by} more than before` : `${-by} fewer than before`;
}

function Ended({ overview: { ended } }: { overview: Overview }): JSX.Element {
  return (
    <section aria-labelledby="ended">
      <h2 id="ended">Recently ended</h2>
      <Table
        caption="Scans that ended most recently"
        head={['Scan', { word: 'State', kind: 'fixed' }, { word: 'Ended', kind: 'fixed' }]}
        empty="No scan has ended yet."
        rows={ended.map((task) => [
          <ScanLink task={task} />,
          <State word={task.status} />,
          <When at={task.completed_at} />,
        ])}
      />
    </section>
  );
}
