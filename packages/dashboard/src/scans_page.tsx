import type { Caller } from '@nmcp/access';
import { SCAN_STATES, type Task } from '@nmcp/types';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { Page, Pages, State, Table, When, withQuery } from './layout.tsx';

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
  const to = (page: number): string => withQuery('/scans', { ...query, page });
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
      <Pages label="Pages" page={query.page} pages={pages} to={to} />
    </Page>
  );
}
