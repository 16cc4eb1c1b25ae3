import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';

/** Types of fields: `?` behind one that can be absent, `|null` one that can be null. */
type FieldType = 'string' | 'number' | 'boolean' | 'object' | 'array';

/** The fields of an answer that a client can rely on; there may be more. */
export type OutputShape = Readonly<Record<string, FieldType | `${FieldType}?` | `${FieldType}|null`>>;

/** The fields of every answer that is about a task. */
export const TASK_SHAPE = { task_id: 'string', status: 'string' } as const;

/** A shape as the schema that clients see. What tools answer is typed here already, so nothing is checked again. */
export function outputSchema(shape: OutputShape): StandardSchemaWithJSON<unknown, unknown> {
  const properties = Object.fromEntries(
    Object.entries(shape).map(([name, text]) => {
      const type = text.replace(/\?$|\|null$/, '');
      return [name, { type: text.endsWith('|null') ? [type, 'null'] : type }];
    }),
  );
  const required = Object.keys(shape).filter((name) => !shape[name]?.endsWith('?'));
  // clients of the SDK 1.x validate errors against it too
  const schema = { type: 'object', properties, anyOf: [{ required }, { required: ['error'] }] };
  return {
    '~standard': {
      version: 1,
      vendor: 'nmcp',
      validate: (value) => ({ value }),
      jsonSchema: { input: () => schema, output: () => schema },
    },
  };
}
