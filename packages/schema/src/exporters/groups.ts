import { type ComplianceResult, complianceOf } from '../compliance.ts';
import { type Finding, textOf } from '../finding.ts';
import { checkOf } from '../identity.ts';
import type { NessusEvent } from '../nessus_handler.ts';
import { severityOf } from '../severity.ts';
import { VariantMemo } from '../variant_memo.ts';
import { mostUrgentFirst, urgencyOf } from '../worst_first.ts';
import { cvesOf, outputOf, titleOf } from './exporter.ts';

/** Where a plugin or a check reported something, and what. */
export interface Place {
  host: string;
  port: string;
  protocol: string;
  severity: 0 | 1 | 2 | 3 | 4;
  /** What the scanner saw there. */
  output: string;
  /** Of a compliance check. */
  result: ComplianceResult | undefined;
  /** When the scan of the host ended, ISO 8601; empty where the report does not say. */
  time: string;
}

/** What one plugin, or one compliance check, reported. */
export interface FindingGroup {
  /** The plugin's number, and of a compliance check the check. */
  key: string;
  title: string;
  /** The worst of its findings. */
  severity: 0 | 1 | 2 | 3 | 4;
  urgency: readonly number[];
  /** The first of its findings, for what they have in common. */
  first: Finding;
  hosts: Set<string>;
  cves: Set<string>;
  places: Place[];
}

/** What a finding adds to its group, wherever it is. */
const common = new VariantMemo((finding) => {
  const [plugin, check] = [finding.plugin_id ?? 'unknown', checkOf(finding)];
  const key = check === undefined ? plugin : `${plugin}/${check}`;
  return { key, cves: cvesOf(finding), urgency: urgencyOf(finding) };
});

/** Gathers findings by plugin or compliance check. What they have in common is kept once. */
export class FindingGroups {
  readonly #groups = new Map<string, FindingGroup>();
  readonly #withOutputs: boolean;

  /** @param withOutputs whether what the scanner saw is kept for each place */
  constructor({ withOutputs = true }: { withOutputs?: boolean } = {}) {
    this.#withOutputs = withOutputs;
  }

  add(event: NessusEvent): void {
    if (event.type !== 'finding') return;
    const { finding } = event;
    const { key, cves, urgency } = common.of(finding);
    const known = this.#groups.get(key);
    const group = known ?? newGroup(key, finding);
    if (!known) this.#groups.set(key, group);
    group.places.push(placeOf(finding, this.#withOutputs));
    group.hosts.add(finding.host);
    for (const cve of cves) group.cves.add(cve);
    if (mostUrgentFirst(urgency, group.urgency) < 0) group.urgency = urgency;
    group.severity = Math.max(group.severity, severityOf(finding)) as FindingGroup['severity']; // of two of these
  }

  /** Most urgent first, then on most hosts. */
  worstFirst(): FindingGroup[] {
    return [...this.#groups.values()].sort(
      (a, b) => mostUrgentFirst(a.urgency, b.urgency) || b.hosts.size - a.hosts.size,
    );
  }
}

function placeOf(finding: Finding, withOutput: boolean): Place {
  return {
    host: finding.host,
    port: finding.port ?? '0',
    protocol: finding.protocol ?? '',
    severity: severityOf(finding),
    output: withOutput ? outputOf(finding) : '',
    result: complianceOf(finding)?.result,
    time: textOf(finding.host_end) || textOf(finding.host_start),
  };
}

function newGroup(key: string, finding: Finding): FindingGroup {
  return {
    key,
    title: titleOf(finding) || textOf(finding.plugin_id),
    severity: severityOf(finding),
    urgency: urgencyOf(finding),
    first: finding,
    hosts: new Set(),
    cves: new Set(),
    places: [],
  };
}
