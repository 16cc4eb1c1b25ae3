import * as v from 'valibot';

/** What most answers are made of: fields that a version of Nessus may leave out or give as null. */
export const text: v.GenericSchema<unknown, string | null | undefined> = v.nullish(v.string());
export const number: v.GenericSchema<unknown, number | null | undefined> = v.nullish(v.number());
export const flag: v.GenericSchema<unknown, boolean | null | undefined> = v.nullish(v.boolean());
export const anything: v.GenericSchema<unknown, unknown> = v.unknown();

/** An answer in which a list may be missing or null where there is nothing. */
export function listIn<K extends string, T>(
  key: K,
  item: v.GenericSchema<unknown, T>,
): v.GenericSchema<unknown, T[]> {
  return v.pipe(
    v.looseObject({ [key]: v.nullish(v.array(item)) }),
    v.transform((answer) => (answer[key] as T[] | null | undefined) ?? []),
  );
}

/** An answer that is an object around one field. */
export function fieldOf<T>(key: string, field: v.GenericSchema<unknown, T>): v.GenericSchema<unknown, T> {
  return v.pipe(
    v.looseObject({ [key]: field }),
    v.transform((answer) => answer[key] as T),
  );
}

/** An id or a name as one part of a path. */
export function part(value: string | number): string {
  return encodeURIComponent(String(value));
}
