import type { Finding } from './finding.ts';
import { FindingTemplate } from './finding_template.ts';
import { LikeFinding, nameSeveral, WholeFinding } from './found_finding.ts';
import type { HostFacts } from './host_facts.ts';
import type { NessusEvent, NessusPart } from './nessus_handler.ts';
import type { HostSink } from './whole_hosts.ts';
import { withFacts } from './with_facts.ts';

type FoundEvent = NessusPart | LikeFinding | WholeFinding;

/** Gathers events. */
class FoundSink implements HostSink<FindingTemplate> {
  #events: FoundEvent[] = [];
  #facts: HostFacts | undefined;
  /** Findings of the host whose facts were told last. */
  #ofHost: (LikeFinding | WholeFinding)[] = [];

  take(): FoundEvent[] {
    this.#endHost();
    const events = this.#events;
    this.#events = [];
    return events;
  }

  part(part: NessusPart): void {
    this.#endHost();
    this.#events.push(part);
  }

  hostFacts(facts: HostFacts): void {
    this.#facts = facts;
  }

  finding(finding: Finding): void {
    this.#add(new WholeFinding(withFacts(finding, this.#facts)));
  }

  prepare(finding: Finding): FindingTemplate {
    return new FindingTemplate(finding);
  }

  known(template: FindingTemplate, host: string, output: string | undefined): void {
    this.#add(new LikeFinding(template, host, output, this.#facts));
  }

  #add(found: LikeFinding | WholeFinding): void {
    this.#events.push(found);
    if (this.#facts) this.#ofHost.push(found);
  }

  /** Findings come host by host, so that the host is whole before others are asked for. */
  #endHost(): void {
    nameSeveral(this.#ofHost);
    this.#ofHost = [];
  }
}

/** Feeds a document into a sink. */
type Feed = <T>(sink: HostSink<T>) => AsyncIterable<void>;

/** Findings of an untouched reading, which are not put together. */
const FOUND = Symbol('found');

/** What a document tells, in batches. Exporters that get it untouched have findings that are not put together. */
export function readEvents(feed: Feed): AsyncGenerator<NessusEvent[]> {
  let isTouched = false;
  async function* plainEvents(): AsyncGenerator<NessusEvent[]> {
    isTouched = true;
    for await (const batch of foundEvents(feed)) yield batch.map(plainEvent);
  }
  const events = plainEvents();
  const take = (): AsyncIterable<FoundEvent[]> | undefined => {
    if (isTouched) return undefined;
    isTouched = true;
    void events.return(undefined); // a document is told once
    return foundEvents(feed);
  };
  return Object.assign(events, { [FOUND]: take });
}

/** A document's events for an exporter, with findings that are not put together where nobody else has seen them. */
export function untouched(events: AsyncIterable<NessusEvent[]>): AsyncIterable<NessusEvent[]> {
  const found = (events as { [FOUND]?: () => AsyncIterable<NessusEvent[]> | undefined })[FOUND]; // what readEvents adds
  return found?.() ?? events;
}

async function* foundEvents(feed: Feed): AsyncGenerator<FoundEvent[]> {
  const sink = new FoundSink();
  for await (const _ of feed(sink)) {
    const batch = sink.take();
    if (batch.length > 0) yield batch;
  }
}

function plainEvent(event: FoundEvent): NessusEvent {
  return event.type === 'finding' ? { type: 'finding', finding: event.finding } : event;
}
