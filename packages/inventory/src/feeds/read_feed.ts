import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { messageOf, NmcpError } from '@nmcp/types';
import * as v from 'valibot';
import { type Feed, numberOfCve, packFeed } from './feed.ts';

/** Bytes that a file may have, unpacked too: EPSS has some 12 MB. */
const MAX_BYTES = 256 * 1024 * 1024;
const DAY_MS = 86_400_000;
const EXPECTED =
  "expected CISA's known_exploited_vulnerabilities.json or .csv, or FIRST's epss_scores .csv or .csv.gz";

const day = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}/));
/** https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities_schema.json */
const KevSchema = v.looseObject({
  dateReleased: day,
  count: v.optional(v.number()),
  vulnerabilities: v.array(v.looseObject({ cveID: v.string(), dueDate: day })),
});

/**
 * Reads CISA's catalogue of exploited vulnerabilities, or FIRST's EPSS scores, from a file.
 *
 * @throws {NmcpError} `not_found`; `invalid_input` that says why a file is neither, and where
 */
export async function readFeed(path: string): Promise<Feed> {
  const refuse = (what: string): NmcpError =>
    new NmcpError('invalid_input', `${path}: ${what}; ${EXPECTED}`, { title: 'Not a feed' });
  const { text, modifiedAt } = await textOf(path, refuse);
  const head = text.slice(0, 2000).trimStart();
  if (head === '') throw refuse('the file is empty');
  if (head.startsWith('{')) return kevOfJson(text, refuse);
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  const [, scored] = /^#.*score_date:(\d{4}-\d{2}-\d{2})/.exec(lines[0] ?? '') ?? [];
  const [titles = '', ...rows] = lines.filter((line) => !line.startsWith('#'));
  const columns = titles.replace('\ufeff', '').toLowerCase().split(',');
  const date = scored ?? new Date(modifiedAt).toISOString().slice(0, 10);
  if (columns[0] === 'cve' && columns[1] === 'epss') return epssOf(rows, date, refuse);
  if (columns[0] === 'cveid' && columns.includes('duedate')) return kevOfCsv(rows, date, refuse);
  throw refuse(`it begins with ${JSON.stringify(head.slice(0, 40))}`);
}

type Refuse = (what: string) => NmcpError;

async function textOf(path: string, refuse: Refuse): Promise<{ text: string; modifiedAt: number }> {
  let bytes: Buffer;
  let modifiedAt = 0;
  try {
    const { size, mtimeMs } = await stat(path);
    if (size > MAX_BYTES) throw refuse(`it has ${size} bytes, which is too much for a feed`);
    modifiedAt = mtimeMs;
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof NmcpError) throw error;
    throw new NmcpError('not_found', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { text: bytes.toString('utf8'), modifiedAt };
  try {
    const unpacked = await promisify(gunzip)(bytes, { maxOutputLength: MAX_BYTES });
    return { text: unpacked.toString('utf8'), modifiedAt };
  } catch (error) {
    throw refuse(`it cannot be unpacked (${messageOf(error)})`);
  }
}

function kevOfJson(text: string, refuse: Refuse): Feed {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw refuse(`it is no whole JSON document (${messageOf(error)})`);
  }
  const read = v.safeParse(KevSchema, document);
  if (!read.success) {
    const [issue] = read.issues;
    throw refuse(`${v.getDotPath(issue) ?? 'the document'}: ${issue.message}`);
  }
  const { vulnerabilities, dateReleased, count } = read.output;
  if (count !== undefined && count !== vulnerabilities.length)
    throw refuse(`it says that it has ${count} entries, and has ${vulnerabilities.length}`);
  const entries = vulnerabilities.map(({ cveID, dueDate }, i) => ({
    cve: cveID,
    value: dayOf(dueDate),
    place: `vulnerabilities.${i}`,
  }));
  return feedOf('kev', dateReleased.slice(0, 10), entries, refuse);
}

/** The CVE is its first field; the due date is the last that has the form of one, since texts can hold commas. */
function kevOfCsv(rows: readonly string[], date: string, refuse: Refuse): Feed {
  const entries = rows.flatMap((row, i) => {
    const [, cve] = /^"?(CVE-[\d-]+)"?,/i.exec(row) ?? [];
    if (cve === undefined) return []; // a text of several lines
    const due = [...row.matchAll(/,"?(\d{4}-\d{2}-\d{2})"?(?=,)/g)].at(-1)?.[1];
    return { cve, value: dayOf(due ?? ''), place: `row ${i + 2}` };
  });
  return feedOf('kev', date, entries, refuse);
}

function epssOf(rows: readonly string[], date: string, refuse: Refuse): Feed {
  const entries = rows.map((row, i) => {
    const [cve = '', epss = ''] = row.split(',');
    return { cve, value: epss === '' ? Number.NaN : Number(epss), place: `row ${i + 2}` };
  });
  const wrong = entries.find(({ value }) => !(value >= 0 && value <= 1));
  if (wrong) throw refuse(`${wrong.place}: expected a probability from 0 to 1`);
  return feedOf('epss', date, entries, refuse);
}

function feedOf(
  name: Feed['name'],
  date: string,
  entries: readonly { cve: string; value: number; place: string }[],
  refuse: Refuse,
): Feed {
  const values = new Map<number, number>();
  for (const { cve, value, place } of entries) {
    const number = numberOfCve(cve);
    if (number === undefined || Number.isNaN(value))
      throw refuse(`${place}: expected a CVE and its ${name === 'kev' ? 'due date' : 'score'}`);
    values.set(number, value);
  }
  if (values.size === 0) throw refuse('it has no entries');
  return packFeed(name, date, values);
}

/** Days since 1970. */
function dayOf(date: string): number {
  return Math.floor(Date.parse(date.slice(0, 10)) / DAY_MS);
}
