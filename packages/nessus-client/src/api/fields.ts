import * as v from 'valibot';

/** A number; several versions write numbers as text. */
const numeric = v.union([
  v.number(),
  v.pipe(v.string(), v.regex(/^\s*-?\d+(?:\.\d+)?\s*$/), v.transform(Number)),
]);
/** Later than the year 5138 as seconds: it is milliseconds. */
const LATEST_SECONDS = 1e11;
const YES: readonly unknown[] = [true, 1, '1', 'true', 'yes'];
const NO: readonly unknown[] = [false, 0, '0', 'false', 'no'];

/**
 * What most answers are made of: fields that a version of Nessus may leave out, give as null or write in another way. One
 * that is not understood is as good as one that is missing.
 */
export const text: v.GenericSchema<unknown, string | null | undefined> = v.fallback(
  v.nullish(v.union([v.string(), v.pipe(v.number(), v.transform(String))])),
  undefined,
);
export const number: v.GenericSchema<unknown, number | null | undefined> = v.fallback(
  v.nullish(numeric),
  undefined,
);
/** Unix seconds; some answers have milliseconds. */
export const seconds: v.GenericSchema<unknown, number | null | undefined> = v.optional(
  v.pipe(
    number,
    v.transform((time) => (time && time > LATEST_SECONDS ? Math.floor(time / 1000) : time)),
  ),
);
export const flag: v.GenericSchema<unknown, boolean | null | undefined> = v.optional(
  v.pipe(
    v.unknown(),
    v.transform((said) =>
      said === null ? null : YES.includes(said) || (NO.includes(said) ? false : undefined),
    ),
  ),
);
export const anything: v.GenericSchema<unknown, unknown> = v.unknown();
/** What an answer is about, and of no use without. */
export const id: v.GenericSchema<unknown, number> = numeric;
/** Names and words that may be numbers. */
export const word: v.GenericSchema<unknown, string> = v.union([
  v.string(),
  v.pipe(v.number(), v.transform(String)),
]);
/** An object of whatever; one that is null or no object is as good as none. */
export const facts: v.GenericSchema<unknown, Record<string, unknown> | null | undefined> = v.fallback(
  v.nullish(v.record(v.string(), v.unknown())),
  undefined,
);

/**
 * A list, which may be null where there is nothing. One that is missing is none: an answer about something else must not be
 * taken for an empty list. An entry that cannot be understood is left out, so that one
 * odd entry does not hide the others; when all are odd, the list is refused.
 */
export function listOf<T>(item: v.GenericSchema<unknown, T>): v.GenericSchema<unknown, T[]> {
  return v.pipe(
    v.nullable(v.array(v.unknown())),
    v.rawTransform(({ dataset, addIssue, NEVER }): T[] => {
      const items: T[] = [];
      let odd: string | undefined;
      for (const entry of dataset.value ?? []) {
        const parsed = v.safeParse(item, entry);
        if (parsed.success) items.push(parsed.output);
        else odd ??= v.getDotPath(parsed.issues[0]) ?? 'entry';
      }
      if (items.length > 0 || odd === undefined) return items;
      addIssue({ expected: `a list of objects with ${odd}` });
      return NEVER;
    }),
  );
}

/** As {@linkcode listOf}, and missing it is empty. */
export function maybeListOf<T>(item: v.GenericSchema<unknown, T>): v.GenericSchema<unknown, T[]> {
  return v.optional(listOf(item), null);
}

/** An answer in which a list may be missing or null where there is nothing. */
export function listIn<K extends string, T>(
  key: K,
  item: v.GenericSchema<unknown, T>,
): v.GenericSchema<unknown, T[]> {
  return v.pipe(
    v.looseObject({ [key]: maybeListOf(item) }),
    v.transform((answer) => answer[key] as T[]),
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
