import * as v from 'valibot';
import { Refusal } from './state/refusal.ts';

/**
 * Reads a body in JSON or of a form, as real scanners do; none at all is an empty object.
 *
 * @throws {Refusal} 400 that says where it is not as expected
 */
export async function parseBody<T>(request: Request, schema: v.GenericSchema<unknown, T>): Promise<T> {
  const result = v.safeParse(schema, readBody(await request.text(), request.headers.get('content-type')));
  if (result.success) return result.output;
  throw new Refusal(400, `${v.getDotPath(result.issues[0]) ?? 'body'}: ${result.issues[0].message}`);
}

function readBody(text: string, type: string | null): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    if (type?.startsWith('application/x-www-form-urlencoded')) return readForm(new URLSearchParams(text));
    throw new Refusal(400, 'The body is not JSON');
  }
}

/** Fields by name; `settings[name]=n` is a field of `settings`. */
function readForm(form: URLSearchParams): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null);
  for (const [key, value] of form) {
    const [, outer, inner] = /^([^[\]]+)\[([^[\]]+)\]$/.exec(key) ?? [];
    if (outer === undefined || inner === undefined) fields[key] = value;
    else fields[outer] = { ...(fields[outer] as object | undefined), [inner]: value };
  }
  return fields;
}
