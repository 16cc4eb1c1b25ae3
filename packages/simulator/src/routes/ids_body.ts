import * as v from 'valibot';
import { anyNumber, anyText } from '../lax.ts';

/** What a call that removes several things brings. */
export const IdsBody: v.GenericSchema<unknown, { ids: number[] }> = v.looseObject({
  ids: v.union([
    v.array(anyNumber),
    v.pipe(
      anyNumber,
      v.transform((id) => [id]),
    ),
  ]),
});

/** What a call that names a thing brings. */
export const NameBody: v.GenericSchema<unknown, { name: string }> = v.looseObject({
  name: v.pipe(anyText, v.minLength(1)),
});
