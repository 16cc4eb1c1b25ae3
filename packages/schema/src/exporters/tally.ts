import { type Finding, listOf } from '../finding.ts';
import { compareVersions, fixOf } from '../fix_of.ts';
import { type FoundFinding, foundIn } from '../found_finding.ts';
import { HOST_FIELDS } from '../host_facts.ts';
import type { NessusEvent } from '../nessus_handler.ts';
import { severityOf } from '../severity.ts';
import { VariantMemo } from '../variant_memo.ts';
import { mostUrgentFirst, urgencyOf } from '../worst_first.ts';
import { cvesOf } from './exporter.ts';

/** Numbers of findings of severities 0 to 4. */
export type Counts = [number, number, number, number, number];

/** A host with its facts and numbers. */
export interface HostTally {
  name: string;
  counts: Counts;
  /** Its fields, as its findings have them. */
  facts: Readonly<Record<string, string>>;
}

/** What one step removes. */
export interface FixTally {
  /** The step: an update of a product, or what the solution says. */
  step: string;
  severity: number;
  urgency: readonly number[];
  findings: number;
  hosts: Set<string>;
  cves: Set<string>;
  plugins: Set<string>;
}

const NO_FACTS: Readonly<Record<string, string>> = {};

/** What a report sums up. */
export class Tally {
  scanName: string = 'Unknown';
  policyName: string = '';
  readonly total: Counts = [0, 0, 0, 0, 0];
  readonly #hosts = new Map<string, HostTally>();
  readonly #fixes = new Map<string, FixTally & { version: string }>();
  /** What removes findings of a kind. */
  readonly #fixOf = new VariantMemo((like) => this.#tallyFor(like));
  /** When the first host's scan began and the last one's ended, ISO 8601; empty where the report does not say. */
  start: string = '';
  end: string = '';

  add(event: NessusEvent): void {
    if (event.type === 'report') this.scanName = event.name;
    else if (event.type === 'policy') this.policyName = event.name;
    else if (event.type === 'host') this.#hostOf(event.host.name);
    else this.#addFinding(foundIn(event));
  }

  /** How many hosts there are. */
  get hosts(): number {
    return this.#hosts.size;
  }

  /** Hosts, worst first. */
  worstHosts(): HostTally[] {
    return [...this.#hosts.values()].sort(
      ({ counts: a }, { counts: b }) =>
        b[4] - a[4] || b[3] - a[3] || b[2] - a[2] || b[1] - a[1] || b[0] - a[0],
    );
  }

  /** What to do, most urgent first, then what removes most. */
  fixes(): FixTally[] {
    return [...this.#fixes.values()].sort(
      (a, b) =>
        mostUrgentFirst(a.urgency, b.urgency) || b.findings - a.findings || b.hosts.size - a.hosts.size,
    );
  }

  #addFinding(found: FoundFinding): void {
    const severity = severityOf(found.like);
    this.total[severity]++;
    const host = this.#hostOf(found.host);
    host.counts[severity]++;
    if (host.facts === NO_FACTS) this.#noteFacts(host, found);
    if (severity === 0) return;
    const fix = this.#fixOf.of(found);
    if (!fix) return;
    fix.findings++;
    fix.hosts.add(found.host);
  }

  #noteFacts(host: HostTally, { facts }: FoundFinding): void {
    host.facts = Object.fromEntries(
      HOST_FIELDS.flatMap((field) =>
        facts[field] === undefined ? [] : [[field, listOf(facts[field]).join(', ')]],
      ),
    );
    const { host_start = '', host_end = '' } = host.facts;
    if (host_start !== '' && (this.start === '' || host_start < this.start)) this.start = host_start;
    if (host_end > this.end) this.end = host_end;
  }

  /** The step that removes findings of a kind, which says for all of them what it is for. */
  #tallyFor(like: Finding): FixTally | undefined {
    const fix = fixOf(like);
    if (!fix) return undefined;
    const urgency = urgencyOf(like);
    const step =
      fix.product === undefined ? fix.solution : `Update ${fix.product} to ${fix.version} or later`;
    const known = this.#fixes.get(fix.key);
    const tally = known ?? {
      ...{ step, severity: 0, urgency, findings: 0 },
      ...{ hosts: new Set<string>(), cves: new Set<string>(), plugins: new Set<string>(), version: '' },
    };
    if (!known) this.#fixes.set(fix.key, tally);
    if (fix.version !== undefined && compareVersions(fix.version, tally.version) > 0) {
      tally.step = step;
      tally.version = fix.version;
    }
    tally.severity = Math.max(tally.severity, severityOf(like));
    if (mostUrgentFirst(urgency, tally.urgency) < 0) tally.urgency = urgency;
    tally.plugins.add(like.plugin_id ?? '');
    for (const cve of cvesOf(like)) tally.cves.add(cve);
    return tally;
  }

  #hostOf(name: string): HostTally {
    const known = this.#hosts.get(name);
    if (known) return known;
    const host: HostTally = { name, counts: [0, 0, 0, 0, 0], facts: NO_FACTS };
    this.#hosts.set(name, host);
    return host;
  }
}
