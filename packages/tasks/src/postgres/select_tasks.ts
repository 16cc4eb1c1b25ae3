import type { StateTables } from '@nmcp/database/state';
import { parseTargets } from '@nmcp/types';
import {
  type ExpressionBuilder,
  type ExpressionWrapper,
  type Kysely,
  type SelectQueryBuilder,
  type SqlBool,
  sql,
} from 'kysely';
import { beginsAt, seriesOf } from '../scan_series.ts';
import type { TaskFilter, TaskPage } from '../task_filter.ts';
import { namesOf, rangesOf } from './task_row.ts';

type Condition = ExpressionWrapper<StateTables, 'nmcp_tasks', SqlBool>;
type Builder = ExpressionBuilder<StateTables, 'nmcp_tasks'>;
/** What tasks are counted by. */
type CountedFilter = Pick<TaskFilter, 'status' | 'pool' | 'owner' | 'visibleTo'>;
type CountedTable = 'nmcp_tasks' | 'nmcp_task_counts';
/** A choice of tasks. */
export type Selection = SelectQueryBuilder<StateTables, 'nmcp_tasks', object>;

/** Tasks that are meant by a filter. @throws {NmcpError} `invalid_input` for targets that are none */
export function selectTasks(db: Kysely<StateTables>, filter: TaskFilter): Selection {
  return db
    .selectFrom('nmcp_tasks')
    .where((eb) => eb.and([...kindsOf(eb, filter), ...columnsOf(eb, filter), ...furtherOf(eb, filter)]));
}

/** How many are meant by a filter of what they are counted by. */
export async function sumOfCounts(db: Kysely<StateTables>, filter: CountedFilter): Promise<number> {
  const row = await db
    .selectFrom('nmcp_task_counts')
    .where((eb) => eb.and(kindsOf(eb, filter)))
    .select(sql<string | null>`sum(count)`.as('count'))
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** Puts them into an order, and takes a part. */
export function inPage(query: Selection, { order = 'made', limit, offset }: TaskPage): Selection {
  let page = query;
  if (order === 'ran' || order === 'began') page = page.orderBy(order, 'desc');
  if (order === 'ended') page = page.orderBy('ended', (by) => by.asc().nullsFirst());
  page = page.orderBy('created_at', 'desc').orderBy('task_id', 'desc');
  if (limit !== undefined) page = page.limit(limit);
  return offset === undefined ? page : page.offset(offset);
}

/** Conditions on what tasks are counted by. */
function kindsOf<Table extends CountedTable>(
  eb: ExpressionBuilder<StateTables, Table>,
  filter: CountedFilter,
): ExpressionWrapper<StateTables, Table, SqlBool>[] {
  const { status, pool, owner, visibleTo } = filter;
  const states = typeof status === 'string' ? [status] : status;
  return [
    ...(states ? [eb(sql<string>`status`, 'in', [...states])] : []),
    ...(pool === undefined ? [] : [eb(sql<string>`pool`, '=', pool)]),
    ...(owner === undefined ? [] : [eb(sql<string>`owner`, '=', owner)]),
    ...(visibleTo && visibleTo.pools !== 'all'
      ? [
          eb.or([
            eb(sql<string>`owner`, '=', visibleTo.owner),
            ...(visibleTo.pools.length > 0 ? [eb(sql<string>`pool`, 'in', [...visibleTo.pools])] : []),
          ]),
        ]
      : []),
  ];
}

/** Conditions on one column each. */
function columnsOf(eb: Builder, filter: TaskFilter): Condition[] {
  const { instance, madeSince, endedSince, endedBefore, ids, scanNumbers } = filter;
  return [
    ids && eb('task_id', '=', eb.fn.any(sql<string[]>`${ids}::text[]`)),
    instance !== undefined && eb('instance', '=', instance),
    scanNumbers && eb('scan_number', '=', eb.fn.any(sql<number[]>`${scanNumbers}::bigint[]`)),
    madeSince !== undefined && eb('made', '>=', madeSince),
    endedSince !== undefined && eb('ended', '>=', endedSince),
    endedBefore !== undefined && eb('ended', '<', endedBefore),
    filter.hasReport && eb('has_report', '=', true),
    filter.isPending && eb('is_pending', '=', true),
    filter.hasScope && eb('has_scope', '=', true),
    filter.isOwnScan && eb('is_attached', '=', false),
    filter.mayHaveSecondScan && eb('is_doubtful', '=', true),
  ].flatMap((condition) => condition || []);
}

function furtherOf(eb: Builder, { beforeInSeries, text, targets }: TaskFilter): Condition[] {
  const conditions: Condition[] = [];
  if (beforeInSeries)
    conditions.push(
      eb('series', '=', seriesOf(beforeInSeries) ?? ''),
      eb(
        eb.refTuple('began', 'created_at'),
        '<',
        eb.tuple(beginsAt(beforeInSeries), beforeInSeries.created_at),
      ),
    );
  if (text !== undefined)
    conditions.push(eb('words', 'like', `%${text.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`));
  if (targets !== undefined) {
    const wanted = parseTargets(targets);
    conditions.push(
      eb.or([
        eb(sql<boolean>`addresses && ${rangesOf(wanted)}::nummultirange`, '=', true),
        eb(sql<boolean>`names && ${namesOf(wanted)}::text[]`, '=', true),
      ]),
    );
  }
  return conditions;
}
