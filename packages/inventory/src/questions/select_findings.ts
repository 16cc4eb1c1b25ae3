import { type EmptyAnswer, explainEmpty, flagsFor, selectRows } from '@nmcp/results';
import { assertFields, compileFilters } from '@nmcp/schema';
import { type Filters, NmcpError } from '@nmcp/types';
import type { AcceptedRisk } from '../accepted_risk.ts';
import type { AssetRules } from '../asset_rules.ts';
import type { InventoryView, ViewedAsset } from '../inventory_view.ts';
import { acceptedRows } from './accepted_rows.ts';
import { hostMatcher } from './host_matcher.ts';

/** States that findings can be asked for. */
export const ASKED_STATES = ['open', 'fixed', 'reopened', 'accepted', 'all'] as const;

/** Which assets. */
export interface AssetPlace {
  /** In this network, or with a name that has this text. */
  network?: string | undefined;
  /** With this tag. */
  tag?: string | undefined;
  /** That somebody owns. */
  owner?: string | undefined;
  /** One alone. */
  asset?: { zone: string; identity: string } | undefined;
}

/** Which findings. */
export interface FindingsAsked extends AssetPlace {
  /** `open` has those that came back, too, and none that was accepted. @default open */
  state?: (typeof ASKED_STATES)[number] | undefined;
  /** As of one scan; fields of hosts are those of the last report. */
  filters?: Filters | undefined;
  /** On CISA's list of exploited vulnerabilities, or not. */
  kev?: boolean | undefined;
  /** Open for longer than the rules allow, or not. */
  overdue?: boolean | undefined;
  /** Seen first on this day or later, ISO 8601. */
  since?: string | undefined;
  /** What it is on its asset: see `readKey`. */
  key?: string | undefined;
}

/** What is known beside the view. */
export interface Knowledge {
  rules: AssetRules;
  risks: readonly AcceptedRisk[];
  /** Seconds since 1970. */
  now: number;
}

/** Findings that were selected: their rows, ascending, and why there are none. */
export interface SelectedFindings {
  rows: Uint32Array;
  /** The accepted risk that an open finding is; `undefined` for none. */
  riskOf: (row: number) => AcceptedRisk | undefined;
  empty?: EmptyAnswer;
}

/**
 * Selects findings of the inventory.
 *
 * @throws {NmcpError} `invalid_input`
 */
export function selectFindings(
  view: InventoryView,
  asked: FindingsAsked,
  known: Knowledge,
): SelectedFindings {
  const { state = 'open', filters = {}, kev, since, key } = asked;
  const compiled = compileFilters(filters);
  assertFields(compiled.fields, new Set(view.meta.fields), 'filters');
  const from = since === undefined ? 0 : secondsOf(since);
  const isAsset = assetTest(view, asked);
  const risks = known.risks.filter(({ until }) => until > known.now);
  const accepted = acceptedRows(view, risks);
  const riskOf = (row: number): AcceptedRisk | undefined =>
    view.isFixed(row) ? undefined : risks[(accepted?.[row] ?? 0) - 1];
  const kinds =
    kev === undefined ? undefined : view.kinds.map(({ signals }) => (signals.kev !== undefined) === kev);
  const name = JSON.stringify([state, risks]);
  const byState = view.rowsOf(name, (row) => isInState(view, row, state, (accepted?.[row] ?? 0) > 0));
  const matching = selectRows(view, compiled, byState);
  const tests: ((row: number) => boolean)[] = [
    ...(isAsset ? [(row: number) => isAsset[view.hosts[row] ?? 0] === 1] : []),
    ...(kinds ? [(row: number) => kinds[view.variants[row] ?? 0] === true] : []),
    ...(key === undefined ? [] : [(row: number) => view.kinds[view.variants[row] ?? 0]?.key === key]),
    ...(from > 0 ? [(row: number) => (view.firstSeen[row] ?? 0) >= from] : []),
    ...(asked.overdue === undefined
      ? []
      : [(row: number) => view.isOverdue(row, known.now) === asked.overdue]),
  ];
  const rows = tests.reduce((left, test) => left.filter(test), matching);
  if (rows.length > 0) return { rows, riskOf };
  return { rows, riskOf, empty: whyNone(view, asked, { byState, matching }) };
}

function isInState(
  view: InventoryView,
  row: number,
  state: NonNullable<FindingsAsked['state']>,
  isAccepted: boolean,
): boolean {
  if (state === 'all') return true;
  if (view.isFixed(row)) return state === 'fixed';
  if (isAccepted) return state === 'accepted';
  return state === 'open' || (state === 'reopened' && view.isReopened(row));
}

/** Flags of the assets that are asked about; `undefined` for all. */
export function assetTest(
  view: InventoryView,
  { network, tag, owner, asset: one }: AssetPlace,
): Uint8Array | undefined {
  if ([network, tag, owner, one].every((each) => each === undefined)) return undefined;
  const isThere = network === undefined ? undefined : hostMatcher(network);
  const isWanted = (asset: ViewedAsset, place: number): boolean =>
    (isThere?.(view, place) ?? true) &&
    (one === undefined || (asset.zone === one.zone && asset.identity === one.identity)) &&
    (tag === undefined || asset.tags.includes(tag)) &&
    (owner === undefined || asset.owner?.toLowerCase() === owner.toLowerCase());
  return flagsFor(view.assets.length, (place) => isWanted(view.assets[place] as ViewedAsset, place)); // one of them
}

/** A day or a time. @throws {NmcpError} `invalid_input` */
export function secondsOf(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new NmcpError(
      'invalid_input',
      `${JSON.stringify(text.slice(0, 40))} is no date; expected one such as 2026-01-31`,
      {
        title: 'Invalid date',
      },
    );
  return Math.floor(time / 1000);
}

/** Says which part of the question left nothing. */
function whyNone(
  view: InventoryView,
  { state = 'open', filters = {}, network, tag, owner, asset, kev, overdue, since }: FindingsAsked,
  { byState, matching }: { byState: Uint32Array; matching: Uint32Array },
): EmptyAnswer {
  const say = (condition: object, why: string, near: string[] = []): EmptyAnswer => ({
    condition: condition as Filters,
    why,
    near,
  });
  if (view.scans.length === 0)
    return say({}, 'No scan is in the inventory yet; it takes in each scan that completes or is imported');
  if (byState.length === 0)
    return say(
      { state },
      `No finding is ${state}; the inventory has ${view.meta.findings} findings on ${view.assets.length} assets`,
    );
  if (matching.length === 0) return explainEmpty(view, filters);
  const assets = assetTest(view, { network, tag, owner });
  if (assets && !assets.includes(1)) {
    const near = tag === undefined ? ownersOf(view) : tagsOf(view);
    const place = Object.entries({ network, tag, owner, asset: asset?.identity });
    const asked = Object.fromEntries(place.filter(([, value]) => value !== undefined));
    return say(asked, `No asset is that; the inventory has ${view.assets.length}`, network ? [] : near);
  }
  const rest = { kev, overdue, since };
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return say(given, `${matching.length} findings match the filters, and none of them all the rest`);
}

function tagsOf({ assets }: InventoryView): string[] {
  return [...new Set(assets.flatMap(({ tags }) => tags))].slice(0, 10);
}

function ownersOf({ assets }: InventoryView): string[] {
  return [...new Set(assets.flatMap(({ owner }) => owner ?? []))].slice(0, 10);
}
