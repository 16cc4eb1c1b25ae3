import { expect, test } from 'vitest';
import {
  CompareScansInputSchema,
  GetScanSummaryInputSchema,
  NoInputSchema,
  parseInput,
  RunAuthenticatedScanInputSchema,
} from './mod.ts';

const task_id = 'ne_scan_20251201_143022_a1b2c3d4';

test.each<[Parameters<typeof parseInput>[0], object, string | RegExp]>([
  [
    RunAuthenticatedScanInputSchema,
    { targets: '10.0.0.1', name: 'x' },
    'scan_type is missing; expected one of authenticated, authenticated_privileged',
  ],
  [
    RunAuthenticatedScanInputSchema,
    { targets: '10.0.0.1', name: 'x', scan_type: 'authentcated' },
    'scan_type: expected one of authenticated, authenticated_privileged, got "authentcated"; did you mean authenticated?',
  ],
  [CompareScansInputSchema, { earlier_task_id: task_id }, 'later_task_id is missing; expected text'],
  [
    GetScanSummaryInputSchema,
    { task_id, os: 'windows' },
    'the argument "os" is unknown; expected one of task_id, group_by, filters, top; fields of findings go into filters: {"os": ...}',
  ],
  [
    GetScanSummaryInputSchema,
    { task_id, groupby: 'os' },
    'the argument "groupby" is unknown; did you mean "group_by"? expected one of task_id, group_by, filters, top',
  ],
  [GetScanSummaryInputSchema, { task_id, top: 'ten' }, 'top: expected a number, got "ten"'],
  [GetScanSummaryInputSchema, { task_id, top: 1.5 }, 'top: expected a whole number, got 1.5'],
  [GetScanSummaryInputSchema, { task_id, filters: 3 }, 'filters: expected an object, got 3'],
  [NoInputSchema, { pool: 'x' }, 'pool is unknown; there is nothing to give here'],
])('what is wrong is said in plain words: %#', (schema, value, why) => {
  expect(() => parseInput(schema, value, 'a_tool')).toThrow(`a_tool: ${why}`);
  expect(() => parseInput(schema, value, 'a_tool')).not.toThrow(/never|undefined|\bstring\b|Object\b/);
});
