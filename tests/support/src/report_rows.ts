import type { Row } from './rows.ts';

/**
 * Prints rows for people to standard error, with `json` also one JSON object to standard output. The process ends with 1
 * when a bar does not hold.
 */
export function reportRows(
  name: string,
  rows: readonly Row[],
  { json = false }: { json?: boolean } = {},
): void {
  for (const row of rows) console.error(`  ${row.holds ? 'holds ' : 'MISSED'}  ${sentenceOf(row)}`);
  if (json) console.log(JSON.stringify({ name, rows }));
  if (rows.some(({ holds }) => !holds)) process.exitCode = 1;
}

function sentenceOf({ what, value, unit, peer, peer_value, ratio, bar }: Row): string {
  const against =
    peer === null || peer_value === null || ratio === null
      ? ''
      : `; ${peer} ${round(peer_value)} ${unit}, ratio ${round(ratio)}`;
  return `${what}: ${round(value)} ${unit}${against}; bar ${bar}`;
}

function round(number: number): number {
  return Math.abs(number) >= 100 ? Math.round(number) : Number(number.toPrecision(3));
}
