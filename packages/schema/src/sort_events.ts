import type { NessusEvents } from './exporters/exporter.ts';
import type { Finding } from './finding.ts';
import type { NessusEvent } from './nessus_handler.ts';
import { compareFindings, type SortKey } from './sort.ts';

/** A document's events with the findings in an order, behind everything else. All findings are kept for it. */
export async function* sortEvents(
  events: NessusEvents,
  keys: readonly SortKey[],
): AsyncGenerator<NessusEvent[]> {
  const findings: Finding[] = [];
  for await (const batch of events) {
    for (const event of batch) if (event.type === 'finding') findings.push(event.finding);
    yield batch.filter((event) => event.type !== 'finding');
  }
  findings.sort((a, b) => compareFindings(a, b, keys));
  for (const finding of findings) yield [{ type: 'finding', finding }];
}
