import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import {
  isTaskId,
  NmcpError,
  newTaskId,
  parseInput,
  parseTaskId,
  RunUntrustedScanInputSchema,
  redactPayload,
  SCAN_STATES,
  TaskSchema,
} from './mod.ts';
import { assertTransition, canTransition } from './scan_state.ts';

describe('task ids', () => {
  test('new ones are of the pattern and all different', () => {
    const ids = Array.from({ length: 1000 }, () => newTaskId('nessus'));
    expect(new Set(ids).size).toBe(1000);
    expect(ids.every(isTaskId)).toBe(true);
    expect(ids[0]).toMatch(/^ne_scan_\d{8}_\d{6}_[0-9a-f]{32}$/);
  });

  test.each(['ne_scan_20251201_143022_a1b2c3d4', 'nessus-scanner1-20251126-abc123'])(
    "v3.0's %s is one",
    (id) => {
      expect(parseTaskId(id)).toBe(id);
    },
  );

  test.each([
    '../../etc/passwd',
    'ne_scan/../x_1',
    'a',
    '',
    'ne_scan_..',
    '.queue.db',
    'ne__scan_1',
    'x'.repeat(200),
    'ne_scan_1\n',
    42,
    null,
  ])('%j is none', (id) => {
    expect(() => parseTaskId(id)).toThrow(/is not a task id: expected letters/);
  });
});

test('the states go where the contract says and nowhere else', () => {
  const allowed = SCAN_STATES.flatMap((from) =>
    SCAN_STATES.filter((to) => canTransition(from, to)).map((to) => `${from}>${to}`),
  );
  expect(allowed).toEqual([
    'queued>running',
    'queued>failed',
    'running>running',
    'running>completed',
    'running>failed',
    'running>timeout',
  ]);
  expect(() => assertTransition('t', 'completed', 'running')).toThrow(/it is final/);
});

test("v3.0's task.json is read, with defaults for what it left out and unknown fields kept", () => {
  const task = v.parse(TaskSchema, {
    task_id: 'nessus-scanner1-20251126-abc123',
    trace_id: 't',
    scan_type: 'untrusted',
    scanner_type: 'nessus',
    scanner_instance_id: 'scanner1',
    status: 'completed',
    payload: { targets: '10.0.0.1', name: 'n', extra: 1 },
    created_at: '2025-11-26T10:00:00.123456',
    started_at: '2025-11-26T10:00:05',
    completed_at: '2025-11-26T10:30:00',
    nessus_scan_id: 42,
    later_field: true,
  });
  expect(task).toMatchObject({
    scanner_pool: 'nessus',
    payload: { schema_profile: 'brief', extra: 1 },
    error_message: null,
    later_field: true,
  });
});

test('wrong arguments are refused by name, with what was expected', () => {
  const parse = (value: unknown): unknown =>
    parseInput(RunUntrustedScanInputSchema, value, 'run_untrusted_scan');
  expect(() => parse({ targets: 1, name: 'n' })).toThrow(
    /^run_untrusted_scan: targets: expected text, got 1/,
  );
  expect(() => parse({ targets: 'a', name: 'n', schema_profile: 'huge' })).toThrow(
    /schema_profile: expected one of minimal, summary/,
  );
  expect(() => parse({ targets: 'a', name: 'n', tragets: 'b' })).toThrow(/tragets/);
});

test('an error says its kind as a tool answers it', () => {
  const error = new NmcpError('not_ready', 'wait', {
    title: 'Scan not completed yet',
    details: { status: 'running' },
  });
  expect(error.toBody()).toEqual({
    error: 'Scan not completed yet',
    message: 'wait',
    status_code: 409,
    status: 'running',
  });
});

test('whatever can hold a secret is not shown', () => {
  const shown = redactPayload({
    targets: 't',
    ssh_password: 'x',
    nested: { escalation_password: 'x' },
    credentials: { username: 'u', password: 'x' },
  });
  expect(JSON.stringify(shown)).not.toContain('"x"');
  expect(shown.targets).toBe('t');
});
