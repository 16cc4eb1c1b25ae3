import { type ScanEvidence, whyNotLooked } from './evidence.ts';
import type { FindingKey } from './finding_key.ts';
import { type LookTest, type Sighting, stateOf } from './finding_state.ts';
import { type FindingHistory, isWithin, runsOf } from './history.ts';
import { type DayEvents, EventTally, packEvents, packStates, type StatedFinding } from './packed.ts';

/** An asset's scans, and which of them saw what. */
export interface AssetHistory {
  /** In the order of their times. */
  sightings: readonly Sighting[];
  histories: readonly FindingHistory[];
}

/** What is asked of kinds of findings, by their numbers. */
export interface JudgedKinds {
  keyOf(kind: number): FindingKey;
  severityOf(kind: number): number;
}

/** What became of an asset's findings. */
export interface Judgement {
  states: StatedFinding[];
  events: DayEvents[];
}

/** Says what became of an asset's findings, by what its scans saw and looked at. */
export function judge(
  { sightings, histories }: AssetHistory,
  evidence: ReadonlyMap<number, ScanEvidence>,
  kinds: JudgedKinds,
): Judgement {
  const tally = new EventTally();
  const states = histories.map(({ kind, runs }): StatedFinding => {
    const severity = kinds.severityOf(kind);
    const look = lookTest(sightings, evidence, kinds.keyOf(kind));
    return { kind, ...stateOf(sightings, runs, look, (event) => tally.add(event, severity)) };
  });
  return { states, events: tally.result() };
}

/** As it is stored. */
export function packJudgement({ states, events }: Judgement): { states: Uint8Array; events: Uint8Array } {
  return { states: packStates(states), events: packEvents(events) };
}

/** The history as those know it who see some of the scans; `undefined` for an asset that none of them reached. */
export function historyWithin(
  { sightings, histories }: AssetHistory,
  isVisible: (scan: number) => boolean,
): AssetHistory | undefined {
  const kept = sightings.flatMap(({ scan }, place) => (isVisible(scan) ? [place] : []));
  if (kept.length === 0) return undefined;
  if (kept.length === sightings.length) return { sightings, histories };
  return {
    sightings: sightings.filter(({ scan }) => isVisible(scan)),
    histories: histories.flatMap(({ kind, runs }) => {
      const seen = runsOf(kept.map((place) => isWithin(runs, place)));
      return seen.length === 0 ? [] : [{ kind, runs: seen }];
    }),
  };
}

function lookTest(
  sightings: readonly Sighting[],
  evidence: ReadonlyMap<number, ScanEvidence>,
  key: FindingKey,
): LookTest {
  return (looking, seen) => {
    const [now, then] = [sightings[looking], sightings[seen]];
    const [here, there] = [evidence.get(now?.scan ?? 0), evidence.get(then?.scan ?? 0)];
    if (!now || !then || !here || !there) return 'plugin';
    if (here.partial) return 'unfinished';
    if (now.login < then.login) return 'login';
    return whyNotLooked(here, there, key);
  };
}
