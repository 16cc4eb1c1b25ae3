import type { Caller } from '@nmcp/access';
import { SCAN_STATES, type Task } from '@nmcp/types';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { Page, State, Table, When } from './layout.tsx';

/** What is looked for. */
export interface ScansQuery {
  status?: string | undefined;
  targets?: string | undefined;
  text?: string | undefined;
  page: number;
}

/** Scans on a page. */
export const SCANS_A_PAGE = 50;

/** Scans, newest first. */
export function ScansPage({
  caller,
  query,
  tasks,
  total,
  problem,
}: {
  caller: Caller;
  query: ScansQuery;
  tasks: readonly Task[];
  total: number;
  problem?: string | undefined;
}): JSX.Element {
  const pages = Math.max(1, Math.ceil(total / SCANS_A_PAGE));
  const to = (page: number): string => {
    const { status, targets, text } = query;
    const given = Object.entries({ status, targets, text }).filter(([, value]) => value) as [
      string,
      string,
    ][]; // what is empty is out
    return `/scans?${new URLSearchParams([...given, ['page', String(page)]])}`;
  };
  return (
    <Page title="Scans" caller={caller} here="/scans">
      <form method="get" action="/scans" class="filters">
        <label>
          Name or id <input name="text" value={query.text ?? ''} />
        </label>
        <label>
          Targets <input name="targets" value={query.targets ?? ''} placeholder="10.0.0.0/24" />
        </label>
        <label>
          State{' '}
          <select name="status">
            <option value="">any</option>
            {SCAN_STATES.map((state) => (
              <option value={state} selected={state === query.status}>
                {state}
              </option>
            ))}
          </select>
        </label>
        <button type="submit">Show</button>
      </form>
      {problem ? (
        <p class="problem" role="alert">
          {problem}
        </p>
      ) : null}
      <Table
        caption={`${total} scans`}
        head={['Scan', 'State', 'Targets', 'Caller', 'Asked for', 'Ended']}
        empty="No scan matches."
        rows={tasks.map((task) => [
          <a href={`/scans/${task.task_id}`}>{task.payload.name || task.task_id}</a>,
          <State word={task.status} />,
          <span class="cut">{task.payload.targets.slice(0, 120)}</span>,
          task.owner ?? '–',
          <When at={task.created_at} />,
          <When at={task.completed_at} />,
        ])}
      />
      <nav class="pages" aria-label="Pages">
        {query.page > 1 ? <a href={to(query.page - 1)}>Newer</a> : null}
        <span>
          Page {query.page} of {pages}
        </span>
        {query.page < pages ? <a href={to(query.page + 1)}>Older</a> : null}
      </nav>
    </Page>
  );
}
