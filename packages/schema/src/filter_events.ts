import type { NessusEvents } from './exporters/exporter.ts';
import type { FindingPredicate } from './filters.ts';
import type { NessusEvent } from './nessus_handler.ts';

/** A document's events without the findings that are not wanted. */
export async function* filterEvents(
  events: NessusEvents,
  isWanted: FindingPredicate,
): AsyncGenerator<NessusEvent[]> {
  for await (const batch of events)
    yield batch.filter((event) => event.type !== 'finding' || isWanted(event.finding));
}
