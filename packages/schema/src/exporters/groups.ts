import { type ComplianceResult, complianceOf } from '../compliance.ts';
import { type Finding, textOf } from '../finding.ts';
import { foundIn } from '../found_finding.ts';
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
  /** What its findings have in common, as one of them says it. */
  first: Finding;
  hosts: Set<string>;
  cves: Set<string>;
  places: Place[];
}

/** What findings that say the same have in common: their group, and what stands in each of their places. */
interface Kind {
  group: FindingGroup;
  port: string;
  protocol: string;
  severity: 0 | 1 | 2 | 3 | 4;
  result: ComplianceResult | undefined;
}

/** Gathers findings by plugin or compliance check. What they have in common is kept once. */
export class FindingGroups {
  readonly #groups = new Map<string, FindingGroup>();
  readonly #kinds = new VariantMemo((like) => this.#kindOf(like));
  readonly #withOutputs: boolean;

  /** @param withOutputs whether what the scanner saw is kept for each place */
  constructor({ withOutputs = true }: { withOutputs?: boolean } = {}) {
    this.#withOutputs = withOutputs;
  }

  add(event: NessusEvent): void {
    if (event.type !== 'finding') return;
    const found = foundIn(event);
    const { group, port, protocol, severity, result } = this.#kinds.of(found);
    const { host, facts } = found;
    const output = this.#withOutputs ? outputOf(found) : '';
    const time = textOf(facts.host_end) || textOf(facts.host_start);
    group.places.push({ host, port, protocol, severity, output, result, time });
    group.hosts.add(host);
  }

  #kindOf(like: Finding): Kind {
    const [plugin, check] = [like.plugin_id ?? 'unknown', checkOf(like)];
    const key = check === undefined ? plugin : `${plugin}/${check}`;
    const group = this.#groups.get(key) ?? newGroup(key, like);
    this.#groups.set(key, group);
    const [urgency, severity] = [urgencyOf(like), severityOf(like)];
    for (const cve of cvesOf(like)) group.cves.add(cve);
    if (mostUrgentFirst(urgency, group.urgency) < 0) group.urgency = urgency;
    group.severity = Math.max(group.severity, severity) as FindingGroup['severity']; // of two of these
    const { port, protocol } = like;
    return {
      ...{ group, port: port ?? '0', protocol: protocol ?? '', severity },
      result: complianceOf(like)?.result,
    };
  }

  /** Most urgent first, then on most hosts. */
  worstFirst(): FindingGroup[] {
    return [...this.#groups.values()].sort(
      (a, b) => mostUrgentFirst(a.urgency, b.urgency) || b.hosts.size - a.hosts.size,
    );
  }
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
