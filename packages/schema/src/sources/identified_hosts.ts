import { type Finding, textOf } from '../finding.ts';
import { hashText } from '../hash_text.ts';
import type { HostFacts } from '../host_facts.ts';
import { distinguish, kindOf } from '../identity.ts';
import type { NessusPart } from '../nessus_handler.ts';
import type { HostSink } from '../whole_hosts.ts';

/** A finding of a host with a hash of what it is on the host; see `identityOf`. */
export type IdentifiedFinding<T> = { identity: number } & (
  | { finding: Finding }
  | { prepared: T; output: string | undefined }
);

/** Takes the findings of a host together. */
export interface IdentifiedSink<T> {
  part(part: NessusPart): void;
  prepare(finding: Finding): T;
  host(host: string, facts: HostFacts, findings: readonly IdentifiedFinding<T>[]): void;
}

interface Prepared<T> {
  inner: T;
  kind: string;
  hash: number;
}

type Held<T> = { prepared: Prepared<T>; output: string | undefined } | { finding: Finding; kind: string };

/** Gathers what is told of a host and says which findings are the same in other documents. */
export class IdentifiedHosts<T> implements HostSink<Prepared<T>> {
  readonly #sink: IdentifiedSink<T>;
  #host = '';
  #facts: HostFacts | undefined;
  #held: Held<T>[] = [];

  constructor(sink: IdentifiedSink<T>) {
    this.#sink = sink;
  }

  part(part: NessusPart): void {
    this.flush();
    if (part.type === 'host') this.#host = part.host.name;
    this.#sink.part(part);
  }

  hostFacts(facts: HostFacts): void {
    this.flush();
    this.#facts = facts;
  }

  finding(finding: Finding): void {
    this.#held.push({ finding, kind: kindOf(finding) });
  }

  prepare(finding: Finding): Prepared<T> {
    const kind = kindOf(finding);
    return { inner: this.#sink.prepare(finding), kind, hash: hashText(kind) };
  }

  known(prepared: Prepared<T>, _host: string, output: string | undefined): void {
    this.#held.push({ prepared, output });
  }

  /** Hands on what is held: a host's findings were told in one go. */
  flush(): void {
    if (!this.#facts || this.#held.length === 0) return;
    const held = this.#held;
    this.#held = [];
    const identities = this.#identities(held);
    this.#sink.host(
      this.#host,
      this.#facts,
      held.map((each, index): IdentifiedFinding<T> => {
        const identity = identities[index] ?? 0;
        return 'finding' in each
          ? { identity, finding: each.finding }
          : { identity, prepared: each.prepared.inner, output: each.output };
      }),
    );
  }

  /** Hashes that were made once for many findings, unless the host has several of one kind. */
  #identities(held: readonly Held<T>[]): number[] {
    const kinds = held.map((each) => ('finding' in each ? each.kind : each.prepared.kind));
    if (new Set(kinds).size === kinds.length)
      return held.map((each) => ('finding' in each ? hashText(each.kind) : each.prepared.hash));
    const outputOf = (index: number): string => {
      const each = held[index];
      if (!each) return '';
      return 'finding' in each ? textOf(each.finding.plugin_output) : (each.output ?? '');
    };
    return distinguish(kinds, outputOf).map(hashText);
  }
}
