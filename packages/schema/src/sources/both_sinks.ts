import type { Finding } from '../finding.ts';
import type { HostFacts } from '../host_facts.ts';
import type { NessusPart } from '../nessus_handler.ts';
import type { HostSink } from '../whole_hosts.ts';

/** What two sinks have prepared. */
interface Both<A, B> {
  first: A;
  second: B;
}

/** Tells two sinks of one reading. */
export class BothSinks<A, B> implements HostSink<Both<A, B>> {
  readonly #first: HostSink<A>;
  readonly #second: HostSink<B>;

  constructor(first: HostSink<A>, second: HostSink<B>) {
    this.#first = first;
    this.#second = second;
  }

  part(part: NessusPart): void {
    this.#first.part(part);
    this.#second.part(part);
  }

  hostFacts(facts: HostFacts): void {
    this.#first.hostFacts(facts);
    this.#second.hostFacts(facts);
  }

  finding(finding: Finding): void {
    this.#first.finding(finding);
    this.#second.finding(finding);
  }

  prepare(finding: Finding): Both<A, B> {
    return { first: this.#first.prepare(finding), second: this.#second.prepare(finding) };
  }

  known({ first, second }: Both<A, B>, host: string, output: string | undefined): void {
    this.#first.known(first, host, output);
    this.#second.known(second, host, output);
  }
}
