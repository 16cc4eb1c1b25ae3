import type { Caller } from '@nmcp/access';
import type { Overview } from '@nmcp/scans';
import type { ScannerListing } from '@nmcp/types';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { Meter } from './charts.tsx';
import { Page, State, Table, When } from './layout.tsx';
import { NewScanLink } from './new_scan_link.tsx';
import { Problem } from './problem.tsx';

/** Scans, scanners and queues at a glance. */
export function OverviewPage({
  overview,
  caller,
  mayScan,
}: {
  overview: Overview;
  caller: Caller;
  mayScan: boolean;
}): JSX.Element {
  return (
    <Page title="Overview" caller={caller} here="/" live="/events">
      <NewScanLink mayScan={mayScan} />
      <OverviewParts overview={overview} />
    </Page>
  );
}

function OverviewParts({ overview }: { overview: Overview }): JSX.Element {
  const { pools, scanners, running, ended, waitingForApproval, problem } = overview;
  const sum = (pick: (pool: Overview['pools'][number]) => number): number =>
    pools.reduce((total, pool) => total + pick(pool), 0);
  return (
    <div id="live" aria-live="polite">
      <Problem text={problem} />
      <dl class="facts">
        <Fact word="running" value={running.length} />
        <Fact word="waiting" value={sum((pool) => pool.queued)} />
        <Fact word="dead letters" value={sum((pool) => pool.dead)} />
        {waitingForApproval > 0 ? <Fact word="awaiting approval" value={waitingForApproval} /> : null}
      </dl>
      <h2>Running scans</h2>
      <Table
        caption="Running scans"
        head={['Scan', 'Progress', 'Scanner', 'Started']}
        empty="No scan is running."
        rows={running.map((task) => [
          <a href={`/scans/${task.task_id}`}>{task.payload.name || task.task_id}</a>,
          <span class="progress">
            <Meter percent={task.progress ?? 0} label={`${task.progress ?? 0} percent done`} />{' '}
            {task.progress ?? 0} %
          </span>,
          task.scanner_instance_id ?? '–',
          <When at={task.started_at} />,
        ])}
      />
      <h2>Scanners</h2>
      <Table
        caption="Scanners and their load"
        head={['Scanner', 'State', 'Load', 'Scans']}
        empty="No scanner is configured."
        rows={scanners.map((scanner) => [
          scanner.instance_key,
          <State word={stateOf(scanner)} />,
          <Meter percent={scanner.utilization_pct} label={`${scanner.utilization_pct} percent in use`} />,
          `${scanner.active_scans}/${scanner.max_concurrent_scans}`,
        ])}
      />
      <h2>Pools</h2>
      <Table
        caption="Queues by pool"
        head={['Pool', 'Waiting', 'In flight', 'Dead letters']}
        empty="No pool is configured."
        rows={pools.map(({ pool, queued, in_flight, dead }) => [
          pool,
          ...[queued, in_flight, dead].map(String),
        ])}
      />
      <h2>Recent scans</h2>
      <Table
        caption="Scans that ended most recently"
        head={['Scan', 'State', 'Ended']}
        empty="No scan has ended yet."
        rows={ended.map((task) => [
          <a href={`/scans/${task.task_id}`}>{task.payload.name || task.task_id}</a>,
          <State word={task.status} />,
          <When at={task.completed_at} />,
        ])}
      />
    </div>
  );
}

function Fact({ word, value }: { word: string; value: number }): JSX.Element {
  return (
    <div>
      <dt>{word}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function stateOf({ enabled, drained, circuit }: ScannerListing): string {
  if (!enabled) return 'disabled';
  return drained ? 'drained' : circuit === 'closed' ? 'ok' : circuit;
}
