import * as v from 'valibot';

/** A number, which real scanners also take as text: `"folder_id": "3"`. */
export const anyNumber: v.GenericSchema<unknown, number> = v.union(
  [v.number(), v.pipe(v.string(), v.regex(/^\s*-?\d+\s*$/), v.transform(Number))],
  'expected a number',
);

/** Yes or no, as they are written in JSON, in forms and in Nessus's own settings. */
export const anyFlag: v.GenericSchema<unknown, boolean> = v.union(
  [
    v.boolean(),
    v.pipe(
      v.picklist([0, 1, '0', '1', 'true', 'false', 'yes', 'no', '']),
      v.transform((said) => said === 1 || said === '1' || said === 'true' || said === 'yes'),
    ),
  ],
  'expected yes or no',
);

/** A text, also one that was written as a number. */
export const anyText: v.GenericSchema<unknown, string> = v.union(
  [v.string(), v.pipe(v.number(), v.transform(String))],
  'expected a text',
);
