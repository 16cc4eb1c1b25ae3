import type { Runs } from './history.ts';

/** A scan that reached an asset. */
export interface Sighting {
  /** Number of the scan. */
  scan: number;
  /** When the scan of the host ended, in seconds since 1970. */
  at: number;
  /** How good the login was: 0 without one, 1 in part, 2 wholly. */
  login: number;
}

/** Why a scan that reached an asset could not have seen a finding, or why nobody reached it. */
export const NOT_LOOKED = ['host_away', 'unfinished', 'login', 'port', 'plugin'] as const;

/** One of {@linkcode NOT_LOOKED}. */
export type NotLooked = (typeof NOT_LOOKED)[number];

/** What became of a finding. */
export type FindingStatus = 'open' | 'fixed' | 'reopened';

/** A finding over time. */
export interface FindingState {
  status: FindingStatus;
  /** Seconds since 1970. */
  firstSeen: number;
  lastSeen: number;
  /** When a scan looked for it and it was gone; 0 while it is open. */
  fixedAt: number;
  /** How often it came back. */
  reopened: number;
  /** Why the last scans could not have seen it, where they did not. */
  notLooked?: NotLooked;
}

/** Something that happened to a finding. */
export interface FindingEvent {
  what: 'opened' | 'fixed' | 'reopened';
  at: number;
  /** Of `fixed`: seconds that it had been open. */
  open?: number;
}

/**
 * Says why a sighting could not have seen a finding; `undefined` where it looked.
 *
 * @param looking place of the sighting
 * @param seen place of the last sighting before it that saw the finding
 */
export type LookTest = (looking: number, seen: number) => NotLooked | undefined;

/**
 * What became of a finding, from the sightings of its asset in the order of their times. Not seen is fixed only where it was
 * looked for; then it is fixed from the first such sighting on.
 *
 * @param tell hears what happened, in order
 */
export function stateOf(
  sightings: readonly Sighting[],
  runs: Runs,
  lookedFor: LookTest,
  tell: (event: FindingEvent) => void = () => {},
): FindingState {
  const timeOf = (sighting: number): number => sightings[sighting]?.at ?? 0;
  let reopened = 0;
  let openedAt = timeOf(runs[0] ?? 0);
  tell({ what: 'opened', at: openedAt });
  for (let i = 0; ; i += 2) {
    const end = runs[i + 1] ?? 0;
    const isLast = i + 2 >= runs.length;
    const next = isLast ? sightings.length : (runs[i + 2] ?? 0);
    const gone = firstLook(end, next, lookedFor);
    if (gone !== undefined) tell({ what: 'fixed', at: timeOf(gone), open: timeOf(gone) - openedAt });
    if (isLast) {
      const state = { firstSeen: timeOf(runs[0] ?? 0), lastSeen: timeOf(end - 1), reopened };
      if (gone !== undefined) return { ...state, status: 'fixed', fixedAt: timeOf(gone) };
      const reason = end < sightings.length ? lookedFor(sightings.length - 1, end - 1) : undefined;
      const open: FindingState = { ...state, status: reopened > 0 ? 'reopened' : 'open', fixedAt: 0 };
      return reason === undefined ? open : { ...open, notLooked: reason };
    }
    if (gone === undefined) continue;
    reopened++;
    openedAt = timeOf(next);
    tell({ what: 'reopened', at: openedAt });
  }
}

/** The first sighting of a gap that looked. */
function firstLook(from: number, to: number, lookedFor: LookTest): number | undefined {
  for (let sighting = from; sighting < to; sighting++)
    if (lookedFor(sighting, from - 1) === undefined) return sighting;
  return undefined;
}
