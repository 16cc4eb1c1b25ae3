import type { Finding } from './finding.ts';
import type { HostFacts } from './host_facts.ts';
import { JsonLinesSink, type LineTemplate } from './json_lines_sink.ts';
import type { NessusPart } from './nessus_handler.ts';
import type { Projection } from './profiles.ts';
import type { HostSink } from './whole_hosts.ts';

/** Bytes of lines that are kept. */
const MAX_BYTES = 2_097_152;

/** Lines of a small document, which need not be read a second time for them. Those of a larger one are dropped. */
export class SmallLines implements HostSink<LineTemplate | undefined> {
  #lines: JsonLinesSink | undefined;
  #wasTold = false;

  constructor(projection: Projection) {
    this.#lines = new JsonLinesSink(projection);
  }

  /** All lines, each ended by `\n`; `undefined` when they became too many, or nobody told any. */
  take(): Uint8Array<ArrayBuffer> | undefined {
    return this.#wasTold ? this.#lines?.take() : undefined;
  }

  part(_part: NessusPart): void {}

  hostFacts(facts: HostFacts): void {
    this.#wasTold = true;
    this.#lines?.hostFacts(facts);
  }

  finding(finding: Finding): void {
    this.#lines?.finding(finding);
    this.#limit();
  }

  prepare(finding: Finding): LineTemplate | undefined {
    return this.#lines?.prepare(finding);
  }

  known(prepared: LineTemplate | undefined, host: string, output: string | undefined): void {
    if (prepared) this.#lines?.known(prepared, host, output);
    this.#limit();
  }

  #limit(): void {
    if (this.#lines && this.#lines.length > MAX_BYTES) this.#lines = undefined;
  }
}
