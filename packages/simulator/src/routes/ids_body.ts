import * as v from 'valibot';

/** What a call that removes several things brings. */
export const IdsBody: v.GenericSchema<unknown, { ids: number[] }> = v.looseObject({
  ids: v.array(v.number()),
});

/** What a call that names a thing brings. */
export const NameBody: v.GenericSchema<unknown, { name: string }> = v.looseObject({
  name: v.pipe(v.string(), v.minLength(1)),
});
