import { GetScanResultsInputSchema, ListTasksInputSchema, RunUntrustedScanInputSchema } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { toolArguments } from './tool_arguments.ts';

const results = toolArguments(GetScanResultsInputSchema);
const tasks = toolArguments(ListTasksInputSchema);
const task_id = 'ne_scan_20251201_143022_a1b2c3d4';

describe('arguments are read', () => {
  test.each<[string, object, object]>([
    ['null as absent', { page: null, filters: null, custom_fields: null }, { page: 1, page_size: 40 }],
    ['null in filters as absent', { filters: { host: null, not: { cve: null } } }, { filters: { not: {} } }],
    ['empty text as absent', { filters: '', schema_profile: '' }, { schema_profile: 'brief' }],
    ['an empty list as absent', { custom_fields: [], sort: [] }, { page: 1 }],
    ['an empty cursor as the first', { cursor: '' }, { cursor: '' }],
    ['numbers as text', { page: '2', page_size: ' 50 ' }, { page: 2, page_size: 50 }],
    ['a list as text', { custom_fields: '["host"]' }, { custom_fields: ['host'] }],
    ['filters as text', { filters: '{"severity": ">=3", "host": null}' }, { filters: { severity: '>=3' } }],
  ])('%s', (_what, args, expected) => {
    const read = results.read({ task_id, ...args }, 'get_scan_results');
    expect(read).toMatchObject(expected);
    for (const value of Object.values(read)) expect(value).not.toBeNull();
  });

  test.each<[string, object, RegExp]>([
    ['a number that is none', { page: 'two' }, /page: expected a number, got "two"/],
    ['a list in place of filters', { filters: '[1]' }, /filters: expected an object/],
    ['text that is no JSON', { filters: '{severity' }, /filters: expected an object/],
    ['an argument that there is not', { pages: 1 }, /pages/],
    ['nothing where something is needed', { task_id: null }, /task_id/],
  ])('but not %s', (_what, args, why) => {
    expect(() => results.read({ task_id, ...args }, 'get_scan_results')).toThrow(why);
  });

  test.each([
    [0, 1],
    [-5, 1],
    [1000, 1000],
    [1_000_000, 1000],
    ['7', 7],
  ])('a limit of %s as %s', (limit, expected) => {
    expect(tasks.read({ limit }, 'list_tasks').limit).toBe(expected);
  });
});

describe('arguments are told', () => {
  const told = (schema: Parameters<typeof toolArguments>[0]): Record<string, Record<string, unknown>> =>
    (
      toolArguments(schema).advertised['~standard'].jsonSchema.input({ target: 'draft-2020-12' }) as {
        properties: Record<string, Record<string, unknown>>;
      }
    ).properties;

  test('with null where they are optional, and without limits', () => {
    const { targets, description, schema_profile } = told(RunUntrustedScanInputSchema);
    expect(targets).toMatchObject({ type: 'string' });
    expect(description).toMatchObject({ type: ['string', 'null'], default: '' });
    expect(description).not.toHaveProperty('maxLength');
    expect(schema_profile?.enum).toContain(null);
  });

  test('with filters that are an object of any fields, or JSON text', () => {
    expect(told(GetScanResultsInputSchema).filters).toEqual({
      type: ['object', 'string', 'null'],
      properties: { exploit_available: { type: ['boolean', 'null'] } },
      description: expect.stringMatching(/All must hold/),
    });
  });
});
