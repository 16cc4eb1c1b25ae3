import type { Caller } from '@nmcp/access';
import { ranAt } from '@nmcp/scans';
import { SCAN_STATES, type Task, type TaskId } from '@nmcp/types';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { FilterForm, SelectField, TextField } from './forms.tsx';
import { cut, Page, Pages, ScanLink, State, When, withQuery } from './layout.tsx';
import { NewScanLink } from './new_scan_link.tsx';
import { Problem } from './problem.tsx';
import { Counts } from './severities.tsx';
import { Table } from './table.tsx';

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

/** Scans, by when they ran, newest first. */
export function ScansPage({
  caller,
  mayScan,
  query,
  tasks,
  earlier,
  total,
  problem,
}: {
  caller: Caller;
  mayScan: boolean;
  query: ScansQuery;
  tasks: readonly Task[];
  /** The scan before each, of the same targets. */
  earlier: ReadonlyMap<TaskId, TaskId>;
  total: number;
  problem?: string | undefined;
}): JSX.Element {
  const pages = Math.max(1, Math.ceil(total / SCANS_A_PAGE));
  const to = (page: number): string => withQuery('/scans', { ...query, page });
  return (
    <Page title="Scans" caller={caller} here="/scans" action={<NewScanLink mayScan={mayScan} />}>
      <FilterForm action="/scans">
        <TextField word="Name or id" name="text" value={query.text} />
        <TextField word="Targets" name="targets" value={query.targets} placeholder="10.0.0.0/24" />
        <SelectField word="State" name="status" value={query.status} options={STATE_OPTIONS} />
      </FilterForm>
      <Problem text={problem} />
      <Table
        dense
        caption={`${total} scans`}
        head={[
          'Scan',
          { word: 'State', kind: 'fixed' },
          { word: 'Critical, high, medium, low', kind: 'fixed' },
          { word: 'Info', kind: 'number' },
          'Targets',
          'Owner',
          { word: 'Ran', kind: 'fixed' },
          { word: 'Compare', kind: 'fixed' },
        ]}
        empty={whyEmpty(query)}
        rows={tasks.map((task) => {
          const counts = task.validation_stats?.severity_breakdown;
          const before = earlier.get(task.task_id);
          return [
            <ScanLink task={task} />,
            <State word={task.status} />,
            counts ? <Counts counts={counts} /> : '–',
            counts ? String(counts.info) : '–',
            cut(task.payload.targets, 60),
            task.owner ?? '–',
            <When at={ranAt(task)} />,
            before ? (
              <a href={`/scans/${task.task_id}/compare?with=${before}`}>
                with the one before
                <span class="hidden"> of {cut(task.payload.name || task.task_id, 80)}</span>
              </a>
            ) : (
              '–'
            ),
          ];
        })}
      />
      <Pages label="Pages" page={query.page} pages={pages} to={to} />
    </Page>
  );
}

function whyEmpty({ status, targets, text }: ScansQuery): string {
  return status || targets || text ? 'No scan matches these filters.' : 'There are no scans yet.';
}
