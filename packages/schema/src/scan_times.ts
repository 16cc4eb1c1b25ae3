import type { Host } from './finding.ts';

/** When a scan began and ended, from its hosts' properties. */
export class ScanTimes {
  #start = Number.POSITIVE_INFINITY;
  #end = Number.NEGATIVE_INFINITY;

  add({ properties }: Host): void {
    this.#start = Math.min(this.#start, timeOf(properties, 'HOST_START') ?? Number.POSITIVE_INFINITY);
    this.#end = Math.max(this.#end, timeOf(properties, 'HOST_END') ?? Number.NEGATIVE_INFINITY);
  }

  /** ISO 8601 in UTC; absent where no host says it. */
  result(): { scan_start?: string; scan_end?: string } {
    return {
      ...(Number.isFinite(this.#start) ? { scan_start: new Date(this.#start).toISOString() } : {}),
      ...(Number.isFinite(this.#end) ? { scan_end: new Date(this.#end).toISOString() } : {}),
    };
  }
}

/** What a date can hold, in milliseconds. */
const LAST_TIME = 8.64e15;

/**
 * A host's time in milliseconds. Newer scanners write Unix seconds too (HOST_START_TIMESTAMP); the text ("Tue Nov 24
 * 11:05:00 2026") is in the scanner's own time zone, which the report does not tell, and is taken for UTC.
 */
export function timeOf(properties: Readonly<Record<string, string>>, name: string): number | undefined {
  const seconds = properties[`${name}_TIMESTAMP`];
  const time =
    seconds !== undefined && /^\d{1,11}$/.test(seconds)
      ? Number(seconds) * 1000
      : Date.parse(`${properties[name]} UTC`);
  return Math.abs(time) <= LAST_TIME ? time : undefined;
}
