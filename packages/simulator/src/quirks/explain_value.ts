import type { Quirk } from './quirk.ts';

/** What the number of `name=number` is; `undefined` where a quirk takes none. */
export function explainValue({ value }: Quirk): string | undefined {
  if (!value) return undefined;
  const { is, byDefault } = value;
  return `${is}; ${byDefault === Number.POSITIVE_INFINITY ? 'always' : byDefault} unless given`;
}
