import * as v from 'valibot';
import { Refusal } from './state/refusal.ts';

/** Reads a body in JSON. @throws {Refusal} 400 that says where it is not as expected */
export async function parseBody<T>(request: Request, schema: v.GenericSchema<unknown, T>): Promise<T> {
  const body: unknown = await request.json().catch(() => {
    throw new Refusal(400, 'The body is not JSON');
  });
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  throw new Refusal(400, `${v.getDotPath(result.issues[0]) ?? 'body'}: ${result.issues[0].message}`);
}
