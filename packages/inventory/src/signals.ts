import type { Finding } from '@nmcp/schema';
import type { FeedReader } from './feeds/feed.ts';

/** What says how urgent a finding is, beside its severity. */
export interface Signals {
  /** CISA lists one of its CVEs as exploited, to be fixed by that day, such as `2022-05-03`. */
  kev?: string;
  /** An exploit is there, or malware uses it. */
  exploited?: true;
  /** Probability of exploitation within 30 days, 0 to 1. */
  epss?: number;
  /** Tenable's VPR, 0 to 10. */
  vpr?: number;
}

/** Reads them from a finding of an export. */
export function signalsOf(finding: Finding): Signals {
  const xrefs = [finding.xref ?? []].flat().map(String);
  const known = typeof finding.kev === 'string' ? finding.kev : undefined; // noted when it was applied
  const listed = xrefs
    .map((xref) => /^CISA-KNOWN-EXPLOITED:(\d{4})\D?(\d{2})\D?(\d{2})/.exec(xref))
    .find(Boolean);
  const exploited =
    finding.exploit_available === true ||
    [finding.exploited_by_malware, finding.exploited_by_nessus].some((value) => String(value) === 'true');
  const [epss, vpr] = [Number(finding.epss_score ?? Number.NaN), Number(finding.vpr_score ?? Number.NaN)];
  return {
    ...(known ? { kev: known } : listed ? { kev: `${listed[1]}-${listed[2]}-${listed[3]}` } : {}),
    ...(exploited ? { exploited } : {}),
    ...(epss >= 0 && epss <= 1 ? { epss } : {}),
    ...(vpr >= 0 && vpr <= 10 ? { vpr } : {}),
  };
}

/** The same, where the operator's feeds know better than the report. */
export function withFeeds(signals: Signals, { cve }: Finding, feeds: FeedReader): Signals {
  const cves = [cve ?? []].flat().map(String);
  const [kev, epss] = [feeds.due(cves), feeds.probability(cves)];
  return {
    ...signals,
    ...(kev === undefined ? {} : { kev }),
    ...(epss === undefined ? {} : { epss }),
  };
}

/**
 * How urgent findings of a kind are, as one number to sort by. In this order: on CISA's list of exploited vulnerabilities; an
 * exploit is there; the severity; EPSS or VPR; the number of assets.
 */
export function urgencyOf({ kev, exploited, epss, vpr }: Signals, severity: number, assets: number): number {
  const score = Math.max(epss ?? 0, (vpr ?? 0) / 10);
  const words = [severity > 0 && kev ? 1 : 0, severity > 0 && exploited ? 1 : 0, severity];
  const place = words.reduce((sum, word) => sum * 8 + word, 0);
  return (place * 1000 + Math.round(score * 999)) * 2 ** 21 + Math.min(assets, 2 ** 21 - 1);
}

/** What puts findings of a kind where they stand. */
export function reasonsFor({ kev, exploited, epss, vpr }: Signals): string[] {
  return [
    ...(kev ? [`on CISA's list of exploited vulnerabilities, to be fixed by ${kev}`] : []),
    ...(exploited ? ['an exploit is available'] : []),
    ...(epss !== undefined && epss >= 0.1 ? [`EPSS ${epss}`] : []),
    ...(vpr !== undefined && vpr >= 7 ? [`VPR ${vpr}`] : []),
  ];
}
