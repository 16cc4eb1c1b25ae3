import { formatTable, type Paint } from '@nmcp/runtime/cli';
import type { Overview } from '@nmcp/scans';
import { isoTime, parseTime, type Task } from '@nmcp/types';
import { stateOf } from '../commands/scanners.ts';
import { oneLine, paintState } from '../output.ts';

/** The terminal that is rendered to. */
export interface Screen {
  columns: number;
  /** Lines; what does not fit is left out, the least urgent first. */
  rows: number;
  paint: Paint;
}

const BAR = 12;
/** Lines beside the running scans: title, headings, rules, blanks. */
const OTHER_LINES = 16;

/** A snapshot as lines, none wider than the screen, no more than it has. */
export function renderOverview(snapshot: Overview, { columns, rows, paint }: Screen): string[] {
  const { pools, scanners, running, ended, waitingForApproval, problem, at } = snapshot;
  const sum = (pick: (pool: Overview['pools'][number]) => number): number =>
    pools.reduce((total, pool) => total + pick(pool), 0);
  const heading = (text: string): string => paint('bold', text);
  const table = (head: string[], body: string[][]): string[] =>
    formatTable(head, body, { width: columns, paint: (_, text) => paintState(text) }).split('\n');
  const facts = [
    `${running.length} running`,
    `${sum((pool) => pool.queued)} queued`,
    `${sum((pool) => pool.dead)} dead`,
    ...(waitingForApproval > 0 ? [`${waitingForApproval} to approve`] : []),
  ];
  const room = Math.max(1, rows - OTHER_LINES - pools.length - scanners.length - ended.length);
  const lines = [
    heading(cut(`nmcp-admin top  ${isoTime(at).slice(11, 19)} UTC  ${facts.join(', ')}`, columns)),
    ...(problem ? [paint('red', cut(oneLine(problem), columns))] : []),
    '',
    ...table(
      ['pool', 'queued', 'in flight', 'dead'],
      pools.map(({ pool, queued, in_flight, dead }) => [pool, ...[queued, in_flight, dead].map(String)]),
    ),
    '',
    ...table(
      ['scanner', 'state', 'load', 'scans'],
      scanners.map((scanner) => [
        scanner.instance_key,
        stateOf(scanner),
        bar(scanner.utilization_pct),
        `${scanner.active_scans}/${scanner.max_concurrent_scans}`,
      ]),
    ),
    '',
    ...table(
      ['running', 'done', '', 'for', 'scanner', 'name'],
      running
        .slice(0, room)
        .map((task) => [
          task.task_id,
          `${task.progress ?? 0} %`,
          bar(task.progress ?? 0),
          duration(at - parseTime(task.started_at ?? task.created_at)),
          task.scanner_instance_id ?? '',
          task.payload.name,
        ]),
    ),
    ...(running.length > room ? [paint('dim', `  ${running.length - room} more`)] : []),
    '',
    ...table(['ended', 'state', 'name'], ended.map(row)),
  ];
  return lines.slice(0, rows);
}

function row({ task_id, status, payload }: Task): string[] {
  return [task_id, status, payload.name];
}

function bar(percent: number): string {
  const filled = Math.max(0, Math.min(BAR, Math.round((percent / 100) * BAR)));
  return '█'.repeat(filled) + '░'.repeat(BAR - filled);
}

function duration(ms: number): string {
  const minutes = Math.floor(Math.max(0, ms) / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
