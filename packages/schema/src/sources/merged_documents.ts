import type { CompiledFilters } from '../filters.ts';
import { EVERY_FINDING } from '../load_filters.ts';
import { feedFindings, type ReadNessusOptions } from '../read_nessus.ts';
import type { HostSink } from '../whole_hosts.ts';
import { DocumentError } from '../xml/document_error.ts';
import type { FindingsSource, OpenDocument } from './findings_source.ts';
import { IdentifiedHosts, type IdentifiedSink } from './identified_hosts.ts';
import { MergePlan } from './merge_plan.ts';
import { type Survey, type Surveyed, SurveySink } from './survey.ts';

/** A document with the name that its findings are marked with. */
export interface NamedDocument {
  name: string;
  open: OpenDocument;
}

/** How documents become one. */
export interface MergeOptions {
  /**
   * `union`: what any of them has; a finding that several have is told once, by the document that scanned its host last. `latest`:
   * of each host only what the document says that scanned it last.
   *
   * @default "union"
   */
  merge?: 'union' | 'latest' | undefined;
}

/** Several documents as one, and what their merging did. */
export interface MergedDocuments extends FindingsSource {
  /** For each document how many findings it has, and how many of them others tell. Known when they were read once. */
  counts(): readonly { name: string; findings: number; doubles: number }[];
}

/**
 * Reads several documents as one: a host that is in several is one host, and each finding names in `sources` the documents that have
 * it. They are read twice, once to find out which have what, and are never kept; a finding takes about 25 bytes.
 *
 * @example
 * ```ts
 * import { eventsOf, mergedDocuments } from '@nmcp/schema';
 *
 * const document = (plugin: number) => new Blob([`<NessusClientData_v2><Report name="r"><ReportHost name="10.0.0.1">
 *   <ReportItem port="22" protocol="tcp" severity="0" pluginID="${plugin}"/></ReportHost></Report></NessusClientData_v2>`]);
 * const source = mergedDocuments([
 *   { name: 'a', open: () => document(1).stream() },
 *   { name: 'b', open: () => document(1).stream() },
 * ]);
 * let findings = 0;
 * for await (const batch of eventsOf(source)) findings += batch.filter(({ type }) => type === 'finding').length;
 * console.assert(findings === 1 && source.counts()[1]?.doubles === 1);
 * ```
 */
export function mergedDocuments(
  documents: readonly NamedDocument[],
  { merge = 'union' }: MergeOptions = {},
): MergedDocuments {
  const names = documents.map(({ name }) => name);
  let plan: MergePlan | undefined;

  async function survey(filters: CompiledFilters, options: ReadNessusOptions = {}): Promise<Survey> {
    const noting = new MergePlan(names, merge);
    const sink = new SurveySink(filters);
    const faults: DocumentError[] = [];
    for (const [index, document] of documents.entries()) {
      try {
        for await (const _ of feedHosts(document, new NotingSink(sink, noting, index), options));
      } catch (error) {
        if (!(error instanceof DocumentError)) throw error;
        faults.push(error);
      }
    }
    sink.survey.fields.add('sources');
    plan = noting;
    return { ...sink.survey, matches: noting.matches(), fault: faults[0] };
  }

  return {
    survey,
    counts: () => plan?.counts() ?? [],
    async *feed(sink, options = {}) {
      if (!plan) await survey(EVERY_FINDING, options);
      const made = plan;
      if (!made) return;
      const told = new Set<string>();
      let fault: DocumentError | undefined;
      for (const [index, document] of documents.entries()) {
        try {
          yield* feedHosts(document, new TellingSink(sink, made, { index, told }), options);
        } catch (error) {
          if (!(error instanceof DocumentError)) throw error;
          fault ??= error;
        }
      }
      if (fault) throw fault;
    },
  };
}

/** Reads a document for a sink that takes hosts as a whole. @throws {DocumentError} with the document's name */
async function* feedHosts<T>(
  { name, open }: NamedDocument,
  sink: IdentifiedSink<T>,
  options: ReadNessusOptions,
): AsyncGenerator<void> {
  const hosts = new IdentifiedHosts(sink);
  try {
    yield* feedFindings(await open(), hosts, options);
  } catch (error) {
    hosts.flush();
    yield;
    throw error instanceof DocumentError ? error.in(name) : error;
  }
  hosts.flush();
  yield;
}

/** Notes which document has what. */
class NotingSink implements IdentifiedSink<Surveyed> {
  readonly #survey: SurveySink;
  readonly #plan: MergePlan;
  readonly #document: number;
  readonly #isFirst: boolean;

  constructor(survey: SurveySink, plan: MergePlan, document: number) {
    this.#survey = survey;
    this.#plan = plan;
    this.#document = document;
    this.#isFirst = document === 0;
  }

  part: HostSink<Surveyed>['part'] = (part) => {
    if (part.type === 'host') {
      const isNew = this.#plan.addHost(this.#document, part.host);
      this.#survey.part(part);
      if (!isNew) this.#survey.survey.metadata.hosts--; // a host that is in several is one
    } else if (this.#isFirst) this.#survey.part(part);
  };

  prepare: HostSink<Surveyed>['prepare'] = (finding) => this.#survey.prepare(finding);

  host: IdentifiedSink<Surveyed>['host'] = (host, facts, findings) => {
    const before = this.#survey.survey.hosts.get(host);
    this.#survey.hostFacts(facts);
    if (before) this.#survey.survey.hosts.set(host, { ...before, ...facts });
    for (const finding of findings) {
      const isWanted =
        'finding' in finding
          ? this.#survey.wants(finding.finding)
          : this.#survey.wantsKnown(finding.prepared, host, finding.output);
      this.#plan.add(this.#document, host, { identity: finding.identity, isWanted });
    }
  };
}

/** Tells of each finding once. */
class TellingSink<T> implements IdentifiedSink<T> {
  readonly #sink: HostSink<T>;
  readonly #plan: MergePlan;
  readonly #document: number;
  readonly part: HostSink<T>['part'];
  readonly prepare: HostSink<T>['prepare'];

  constructor(sink: HostSink<T>, plan: MergePlan, { index, told }: { index: number; told: Set<string> }) {
    this.#sink = sink;
    this.#plan = plan;
    this.#document = index;
    this.prepare = (finding) => sink.prepare(finding);
    this.part = (part) => {
      if (part.type !== 'host') {
        if (index === 0) sink.part(part);
      } else if (!told.has(part.host.name)) {
        told.add(part.host.name);
        sink.part(part);
      }
    };
  }

  host: IdentifiedSink<T>['host'] = (host, facts, findings) => {
    let last: readonly string[] | undefined;
    for (const finding of findings) {
      const sources = this.#plan.sourcesOf(this.#document, host, finding.identity);
      if (!sources) continue;
      if (sources !== last) this.#sink.hostFacts({ ...facts, sources });
      last = sources;
      if ('finding' in finding) this.#sink.finding(finding.finding);
      else this.#sink.known(finding.prepared, host, finding.output);
    }
  };
}
