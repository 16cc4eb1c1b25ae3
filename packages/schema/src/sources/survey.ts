import type { CompiledFilters } from '../filters.ts';
import type { Finding } from '../finding.ts';
import { FindingTemplate } from '../finding_template.ts';
import { type HostFacts, isHostField } from '../host_facts.ts';
import type { ScanMetadata } from '../json_lines.ts';
import type { NessusPart } from '../nessus_handler.ts';
import { ScanTimes } from '../scan_times.ts';
import type { HostSink } from '../whole_hosts.ts';
import { withFacts } from '../with_facts.ts';
import type { DocumentError } from '../xml/document_error.ts';

/** What a first reading finds out. */
export interface Survey {
  /** Findings that the filters want. */
  matches: number;
  /** Every field that occurs. */
  fields: Set<string>;
  metadata: ScanMetadata;
  /** Facts of each host. */
  hosts: Map<string, HostFacts>;
  /** The first fault; what stands before it was read. */
  fault: DocumentError | undefined;
}

/**
 * What tells whether findings like one are wanted: a finding to lend to the filter, or what makes one where the filter asks of the
 * host; nothing where all are.
 */
export type Surveyed = { readonly lent: Finding } | { readonly template: FindingTemplate } | undefined;

/** Counts what filters want, and notes what a document holds. */
export class SurveySink implements HostSink<Surveyed> {
  readonly survey: Survey = {
    matches: 0,
    fields: new Set(),
    metadata: { scan_name: 'Unknown', hosts: 0 },
    hosts: new Map(),
    fault: undefined,
  };
  readonly #isWanted: (finding: Finding) => boolean;
  readonly #asks: 'nothing' | 'the finding' | 'its host';
  readonly #times = new ScanTimes();
  #facts: HostFacts | undefined;
  #host = '';

  constructor({ matches, fields, combines, parts }: CompiledFilters) {
    this.#isWanted = matches;
    const asksOfHost = [...fields].some((field) => field !== 'host' && isHostField(field));
    const asksNothing = combines === 'all' && parts.length === 0;
    this.#asks = asksNothing ? 'nothing' : asksOfHost ? 'its host' : 'the finding';
  }

  part(part: NessusPart): void {
    const { metadata } = this.survey;
    if (part.type === 'host') {
      metadata.hosts++;
      this.#host = part.host.name;
      this.#times.add(part.host);
      Object.assign(metadata, this.#times.result());
    } else if (part.type === 'report') metadata.scan_name = part.name;
    else metadata.policy_name = part.name;
  }

  hostFacts(facts: HostFacts): void {
    this.#facts = facts;
    this.survey.hosts.set(this.#host, facts);
    for (const field in facts) this.survey.fields.add(field);
  }

  finding(finding: Finding): void {
    if (this.wants(finding)) this.survey.matches++;
  }

  prepare(finding: Finding): Surveyed {
    for (const field in finding) this.survey.fields.add(field);
    if (this.#asks === 'nothing') return undefined;
    return this.#asks === 'its host' ? { template: new FindingTemplate(finding) } : { lent: { ...finding } };
  }

  known(surveyed: Surveyed, host: string, output: string | undefined): void {
    if (this.wantsKnown(surveyed, host, output)) this.survey.matches++;
  }

  /** Whether a finding of the host whose facts were told last is wanted. */
  wants(finding: Finding): boolean {
    for (const field in finding) this.survey.fields.add(field);
    return this.#asks === 'nothing' || this.#isWanted(withFacts(finding, this.#facts));
  }

  /** The same for a finding that is like another one, which is lent to the filter with its host and output. */
  wantsKnown(surveyed: Surveyed, host: string, output: string | undefined): boolean {
    if (surveyed === undefined) return true;
    if ('template' in surveyed) return this.#isWanted(surveyed.template.on(host, output, this.#facts));
    const { lent } = surveyed;
    lent.host = host;
    if (output !== undefined) lent.plugin_output = output;
    const isWanted = this.#isWanted(lent);
    if (output !== undefined) lent.plugin_output = ''; // it would keep the chunk that it came from
    return isWanted;
  }
}
