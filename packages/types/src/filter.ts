import * as v from 'valibot';

/** What one field is compared with: text (contains), an operator such as `">7.0"`, a number or a boolean. */
export type FilterValue = string | number | boolean;

/**
 * Field name to condition; all must hold.
 *
 * A text is looked for without regard to case, in any element of a list. `">7.0"`, `">="`, `"<"`, `"<="` and `"="`
 * compare numbers, also those that stand as text in the file (severity, port). Booleans are exact.
 */
export type Filters = Readonly<Record<string, FilterValue>>;

/** Schema of {@linkcode Filters}. */
export const FiltersSchema: v.GenericSchema<Record<string, FilterValue>, Filters> = v.record(
  v.string(),
  v.union([v.string(), v.number(), v.boolean()], 'expected text, a number or a boolean'),
);
