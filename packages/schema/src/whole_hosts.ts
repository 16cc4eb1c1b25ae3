import type { Finding, Host } from './finding.ts';
import { type HostFacts, hostFacts } from './host_facts.ts';
import { LoginNotes, saysOfLogin } from './login_notes.ts';
import type { NessusPart, NessusSink } from './nessus_handler.ts';

/** Takes the parts of a document, and before a host's findings what is known of the host. */
export interface HostSink<T> extends NessusSink<T> {
  hostFacts(facts: HostFacts): void;
}

/** What is prepared for the sink behind, and what says whether its findings tell of a login. */
interface Known<T> {
  prepared: T;
  pluginId: string | null;
  saysOfLogin: boolean;
}

/** A finding that is held back, by itself or as one that is known: objects of one kind to V8. */
interface Held<T> {
  finding: Finding | undefined;
  known: Known<T> | undefined;
  output: string | undefined;
}

/** Findings of one host that are held back; a host with more has the facts that are known until then. */
const MAX_HELD = 5000;

/**
 * Passes a document on host by host: a host's findings are held back until they were all seen, since only then is it known
 * whether the scanner could log in.
 */
export class WholeHosts<T> implements NessusSink<Known<T>> {
  readonly #sink: HostSink<T>;
  #host: Host | undefined;
  #login = new LoginNotes();
  readonly #held: Held<T>[] = [];

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
    this.#hold({ finding, known: undefined, output: undefined });
  }

  prepare(finding: Finding): Known<T> {
    const { plugin_id: pluginId } = finding;
    return { prepared: this.#sink.prepare(finding), pluginId, saysOfLogin: saysOfLogin(pluginId) };
  }

  known(known: Known<T>, _host: string, output: string | undefined): void {
    this.#hold({ finding: undefined, known, output });
  }

  /** Passes on what is held back: at the end, and before a fault is told. */
  release(): void {
    if (!this.#host || this.#held.length === 0) return;
    noteLogins(this.#held, this.#login);
    this.#sink.hostFacts(hostFacts(this.#host, this.#login));
    passOn(this.#held, this.#sink, this.#host.name);
    this.#held.length = 0; // a new list would be of another kind to V8 until something is in it
  }

  #hold(held: Held<T>): void {
    this.#held.push(held);
    if (this.#held.length >= MAX_HELD) this.release();
  }
}

// what is done for each finding stands apart from what is done for a host, so that V8 compiles it by itself

function noteLogins<T>(held: readonly Held<T>[], login: LoginNotes): void {
  for (const { known, output } of held) if (known?.saysOfLogin) login.add(known.pluginId, output);
}

function passOn<T>(held: readonly Held<T>[], sink: HostSink<T>, host: string): void {
  for (const { finding, known, output } of held)
    if (finding) sink.finding(finding);
    else if (known) sink.known(known.prepared, host, output);
}
