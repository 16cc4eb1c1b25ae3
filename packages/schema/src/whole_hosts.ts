import type { Finding, Host } from './finding.ts';
import { type HostFacts, hostFacts } from './host_facts.ts';
import { LoginNotes, saysOfLogin } from './login_notes.ts';
import type { NessusPart, NessusSink } from './nessus_handler.ts';

/** Takes the parts of a document, and before a host's findings what is known of the host. */
export interface HostSink<T> extends NessusSink<T> {
  hostFacts(facts: HostFacts): void;
}

/** What is prepared for the sink behind, and what says whether its findings tell of a login. */
interface Held<T> {
  prepared: T;
  pluginId: string | null;
  saysOfLogin: boolean;
}

/** Findings of one host that are held back; a host with more has the facts that are known until then. */
const MAX_HELD = 5000;

/**
 * Passes a document on host by host: a host's findings are held back until they were all seen, since only then is it known
 * whether the scanner could log in.
 */
export class WholeHosts<T> implements NessusSink<Held<T>> {
  readonly #sink: HostSink<T>;
  #host: Host | undefined;
  #login = new LoginNotes();
  #held: ({ finding: Finding } | { known: Held<T>; output: string | undefined })[] = [];

  constructor(sink: HostSink<T>) {
    this.#sink = sink;
  }

  part(part: NessusPart): void {
    if (part.type === 'host') {
      this.release();
      this.#host = part.host;
      this.#login = new LoginNotes();
      this.#login.addHost(part.host);
    }
    this.#sink.part(part);
  }

  finding(finding: Finding): void {
    this.#login.addFinding(finding);
    this.#hold({ finding });
  }

  prepare(finding: Finding): Held<T> {
    const { plugin_id: pluginId } = finding;
    return { prepared: this.#sink.prepare(finding), pluginId, saysOfLogin: saysOfLogin(pluginId) };
  }

  known(known: Held<T>, _host: string, output: string | undefined): void {
    if (known.saysOfLogin) this.#login.add(known.pluginId, output);
    this.#hold({ known, output });
  }

  /** Passes on what is held back: at the end, and before a fault is told. */
  release(): void {
    if (!this.#host || this.#held.length === 0) return;
    const { name } = this.#host;
    this.#sink.hostFacts(hostFacts(this.#host, this.#login));
    for (const held of this.#held)
      if ('finding' in held) this.#sink.finding(held.finding);
      else this.#sink.known(held.known.prepared, name, held.output);
    this.#held = [];
  }

  #hold(held: { finding: Finding } | { known: Held<T>; output: string | undefined }): void {
    this.#held.push(held);
    if (this.#held.length >= MAX_HELD) this.release();
  }
}
