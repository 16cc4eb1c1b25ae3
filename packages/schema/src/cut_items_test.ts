import { expect, test } from 'vitest';
import type { Finding } from './finding.ts';
import { feedNessus } from './read_nessus.ts';
import { DocumentError } from './xml/document_error.ts';

const item = (id: number, inside = ''): string =>
  `<ReportItem port="0" svc_name="general" protocol="tcp" severity="0" pluginID="${id}" pluginName="\u00e4" pluginFamily="F">\n<solution>s</solution>\n<plugin_output>\u{1f600} ${id}</plugin_output>\n${inside}</ReportItem>\n`;
const document = (...items: string[]): Uint8Array =>
  new TextEncoder().encode(
    `<NessusClientData_v2><Report name="r"><ReportHost name="h">\n${items.join('')}</ReportHost></Report></NessusClientData_v2>`,
  );

/** How findings of a document that is cut at some bytes are told, and its fault with its place. */
async function told(bytes: Uint8Array, cuts: readonly number[]): Promise<unknown> {
  const pieces = [0, ...cuts].map((start, index) => bytes.subarray(start, cuts[index]));
  const calls = { finding: 0, prepare: 0, known: 0 };
  const sink = {
    part: () => {},
    finding: () => void calls.finding++,
    prepare: (finding: Finding) => [calls.prepare++, finding],
    known: () => void calls.known++,
  };
  try {
    for await (const _ of feedNessus(pieces, sink));
  } catch (error) {
    return error instanceof DocumentError ? { calls, fault: error.message } : error;
  }
  return { calls };
}

test('an item that is cut anywhere is read whole, and remembered', async () => {
  const bytes = document(item(1), item(2), item(1));
  const first = new TextDecoder().decode(bytes).indexOf('<ReportItem');
  const last = new TextDecoder().decode(bytes).lastIndexOf('</ReportItem>');
  const whole = await told(bytes, []);
  expect(whole).toEqual({ calls: { finding: 0, prepare: 2, known: 3 } });
  for (let cut = first + '<ReportItem'.length; cut < last; cut++)
    expect(await told(bytes, [cut])).toEqual(whole);
});

test('a fault is where it is, wherever the document is cut before it', async () => {
  const bytes = document(item(1), item(2), item(1), item(3, '<x>&bad;</x>'));
  const whole = await told(bytes, []);
  expect(whole).toMatchObject({ fault: expect.stringContaining('&bad;') });
  const { fault } = whole as { fault: string };
  for (let cut = 1; cut < bytes.length; cut += 7) expect(await told(bytes, [cut])).toMatchObject({ fault });
});
