import { QUIRKS } from './list.ts';
import type { Quirk } from './quirk.ts';

/** A name that no quirk has, or a number where one takes none. */
export class UnknownQuirkError extends Error {}

/** Reads `name` or `name=number`, where the number may be `always`. @throws {UnknownQuirkError} */
export function parseQuirks(entries: readonly string[]): { quirk: Quirk; value: number }[] {
  return entries.map((entry) => {
    const [name = '', given] = entry.trim().split('=', 2);
    const quirk = QUIRKS.find((each) => each.name === name);
    if (!quirk)
      throw new UnknownQuirkError(
        `There is no quirk ${JSON.stringify(name)}; known are: ${QUIRKS.map((each) => each.name).join(', ')}`,
      );
    if (given === undefined) return { quirk, value: quirk.value?.byDefault ?? 0 };
    if (!quirk.value) throw new UnknownQuirkError(`The quirk ${name} takes no number`);
    const value = given === 'always' ? Number.POSITIVE_INFINITY : Number(given);
    if (given === '' || !(value >= 0))
      throw new UnknownQuirkError(`${entry}: expected a number (${quirk.value.is}), or "always"`);
    return { quirk, value };
  });
}
