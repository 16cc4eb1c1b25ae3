import type { Caller } from '@nmcp/access';
import { SCAN_STATES, type Task } from '@nmcp/types';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { FilterForm, SelectField, TextField } from './forms.tsx';
import { Page, Pages, State, Table, When, withQuery } from './layout.tsx';
import { NewScanLink } from './new_scan_link.tsx';
import { Problem } from './problem.tsx';

/** The filters of the list. */
export interface ScansQuery {
  status?: string | undefined;
  targets?: string | undefined;
  text?: string | undefined;
  page: number;
}

/** Scans on a page. */
export const SCANS_A_PAGE = 50;

const STATE_OPTIONS = [
  { value: '', word: 'any' },
  ...SCAN_STATES.map((state) => ({ value: state, word: state })),
];

/** Scans, newest first. */
export function ScansPage({
  caller,
  mayScan,
  query,
  tasks,
  total,
  problem,
}: {
  caller: Caller;
  mayScan: boolean;
  query: ScansQuery;
  tasks: readonly Task[];
  total: number;
  problem?: string | undefined;
}): JSX.Element {
  const pages = Math.max(1, Math.ceil(total / SCANS_A_PAGE));
  const to = (page: number): string => withQuery('/scans', { ...query, page });
  return (
    <Page title="Scans" caller={caller} here="/scans">
      <NewScanLink mayScan={mayScan} />
      <FilterForm action="/scans">
        <TextField word="Name or id" name="text" value={query.text} />
        <TextField word="Targets" name="targets" value={query.targets} placeholder="10.0.0.0/24" />
        <SelectField word="State" name="status" value={query.status} options={STATE_OPTIONS} />
      </FilterForm>
      <Problem text={problem} />
      <Table
        caption={`${total} scans`}
        head={['Scan', 'State', 'Targets', 'Caller', 'Submitted', 'Ended']}
        empty="No scans match."
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
