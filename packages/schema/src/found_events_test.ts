import { describe, expect, test } from 'vitest';
import type { NessusEvents } from './exporters/exporter.ts';
import { EVERYTHING, HOSTILE } from './exporters/exporters_test_documents.ts';
import { FORMATS, type FormatName } from './exporters/formats.ts';
import type { NessusEvent } from './nessus_handler.ts';
import { readFindings } from './read_nessus.ts';

const open = (xml: string): AsyncGenerator<NessusEvent[]> => readFindings(new Blob([xml]).stream());

async function* seen(
  events: NessusEvents,
  change?: (event: NessusEvent) => void,
): AsyncGenerator<NessusEvent[]> {
  for await (const batch of events) {
    for (const event of batch) change?.(event);
    yield batch;
  }
}

/** What is written; of bytes their numbers. */
async function written(format: FormatName, events: NessusEvents): Promise<string> {
  let all = '';
  for await (const piece of FORMATS[format].exporter(events, { time: 0 }))
    all += typeof piece === 'string' ? piece : `${piece.join()},`;
  return all;
}

describe.each(Object.keys(FORMATS) as FormatName[])('%s', (format) => {
  test.each([EVERYTHING, HOSTILE])('is the same of events that somebody has seen', async (xml) => {
    expect(await written(format, seen(open(xml)))).toBe(await written(format, open(xml)));
  });

  test('has what is left of events that somebody has begun to read', async () => {
    const begun = open(EVERYTHING);
    await begun.next();
    const all = open(EVERYTHING);
    await all.next();
    expect(await written(format, begun)).toBe(await written(format, seen(all)));
  });

  test('leaves nothing of the events to be read again', async () => {
    const events = open(EVERYTHING);
    await written(format, events);
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });
});

test.each(['csv', 'ocsf', 'sarif'] as const)('%s says what a finding was changed to', async (format) => {
  const changed = seen(open(EVERYTHING), (event) => {
    if (event.type === 'finding') event.finding.plugin_name = 'changed by its reader';
  });
  expect(await written(format, changed)).toContain('changed by its reader');
});
