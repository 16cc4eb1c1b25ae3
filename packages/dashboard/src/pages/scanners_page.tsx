import type { Caller } from '@nmcp/access';
import type { CheckResult, Overview } from '@nmcp/scans';
import type { ScannerListing } from '@nmcp/types';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { Meter } from './charts.tsx';
import { cut, Page, State } from './layout.tsx';
import { Problem } from './problem.tsx';
import { Table } from './table.tsx';

/** Scanners and their load, queues, and what the self-check has found. */
export function ScannersPage({
  caller,
  overview: { scanners, pools, problem },
  checks,
}: {
  caller: Caller;
  overview: Overview;
  checks: readonly CheckResult[];
}): JSX.Element {
  return (
    <Page title="Scanners" caller={caller} here="/scanners" live="/events">
      <div id="live" aria-live="polite">
        <Problem text={problem} />
        <Table
          caption="Scanners and their load"
          head={[
            { word: 'Scanner', kind: 'fixed' },
            { word: 'State', kind: 'fixed' },
            { word: 'In use', kind: 'fixed' },
            { word: 'Scans', kind: 'number' },
            'Address',
          ]}
          empty="No scanner is configured: imported scans can be read, and none can be started."
          rows={scanners.map((scanner) => [
            scanner.instance_key,
            <State word={stateOf(scanner)} />,
            <Meter percent={scanner.utilization_pct} label={`${scanner.utilization_pct} percent in use`} />,
            `${scanner.active_scans} of ${scanner.max_concurrent_scans}`,
            scanner.problem === undefined ? scanner.url : `${scanner.url}: ${cut(scanner.problem, 300)}`,
          ])}
        />
        <h2>Checks</h2>
        <p class="notice">
          What this server finds at its start and once a minute while somebody looks; nmcp-admin doctor makes
          the same checks.
        </p>
        <Table
          caption="What was checked"
          head={[{ word: 'State', kind: 'fixed' }, 'Check', 'What was found', 'What to do']}
          empty="Nothing has been checked yet that concerns your pools; look again in a few seconds."
          rows={[...checks]
            .sort(worstFirst)
            .map(({ check, state, detail, advice }) => [
              <State word={state} />,
              check,
              cut(detail, 400),
              advice ?? '–',
            ])}
        />
        <h2>Queues</h2>
        <Table
          caption="Queues by pool"
          head={[
            'Pool',
            { word: 'Waiting', kind: 'number' },
            { word: 'Running', kind: 'number' },
            { word: 'Could not be run', kind: 'number' },
          ]}
          empty="No pool is configured."
          rows={pools.map(({ pool, queued, in_flight, dead }) => [
            pool,
            ...[queued, in_flight, dead].map(String),
          ])}
        />
      </div>
    </Page>
  );
}

const ORDER = ['failed', 'warning', 'ok'];

function worstFirst(a: CheckResult, b: CheckResult): number {
  return ORDER.indexOf(a.state) - ORDER.indexOf(b.state);
}

/** A scanner's state in one word. */
function stateOf({ enabled, drained, circuit }: ScannerListing): string {
  if (!enabled) return 'disabled';
  return drained ? 'drained' : circuit === 'closed' ? 'ok' : circuit;
}
