import { createHash } from 'node:crypto';
import { explainIssues, NmcpError } from '@nmcp/types';
import * as v from 'valibot';

/** A call and what the scanner answered, without what could tell whose it is. */
export interface RecordedCall {
  method: 'GET' | 'POST';
  /** With its query. */
  path: string;
  /** 0 when the connection broke. */
  status: number;
  headers: Record<string, string>;
  /** Milliseconds until the whole answer was there. */
  ms: number;
  /** Bytes that the answer had. */
  bytes: number;
  /** JSON as it is, anything else as text; cut, and without names. */
  body: unknown;
}

/** What a scanner answers, as `nmcp-admin scanners record` writes it. */
export interface ScannerReport {
  format: 'nmcp-scanner-report';
  version: 1;
  /** Such as `Nessus Manager 10.8.3`. */
  product: string;
  /** How it came to be: recorded, or made by hand from what others have reported. */
  origin: string;
  recorded_at: string;
  calls: RecordedCall[];
  /** SHA-256 of the calls: tells when somebody has edited them. Absent in one that was made by hand. */
  digest?: string | undefined;
}

const FORMAT = 'nmcp-scanner-report';

const ReportSchema: v.GenericSchema<unknown, ScannerReport> = v.strictObject({
  format: v.literal(FORMAT, `expected "${FORMAT}"`),
  version: v.literal(1, 'expected 1; a later version needs a later release'),
  product: v.string('expected a text'),
  origin: v.string('expected a text'),
  recorded_at: v.string('expected a time'),
  calls: v.array(
    v.strictObject({
      method: v.picklist(['GET', 'POST'], 'expected GET or POST'),
      path: v.pipe(v.string('expected a path'), v.startsWith('/', 'expected a path such as /scans')),
      status: v.pipe(v.number('expected an HTTP status, or 0'), v.integer('expected an HTTP status, or 0')),
      headers: v.record(v.string(), v.string(), 'expected headers'),
      ms: v.number('expected milliseconds'),
      bytes: v.number('expected a number of bytes'),
      body: v.unknown(),
    }),
    'expected a list of calls',
  ),
  digest: v.optional(v.string()),
});

/**
 * Reads the text of a report.
 *
 * @returns the report, and whether somebody has edited its calls since it was recorded
 * @throws {NmcpError} `invalid_input` naming the field, and what would be right
 */
export function parseScannerReport(text: string, file: string): { report: ScannerReport; isEdited: boolean } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(file, `it is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  const result = v.safeParse(ReportSchema, value);
  if (!result.success) throw invalid(file, explainIssues(result.issues));
  const report = result.output;
  return { report, isEdited: report.digest !== undefined && report.digest !== digestOf(report.calls) };
}

/** SHA-256 of calls. */
export function digestOf(calls: readonly RecordedCall[]): string {
  return createHash('sha256').update(JSON.stringify(calls)).digest('hex');
}

function invalid(file: string, why: string): NmcpError {
  return new NmcpError(
    'invalid_input',
    `${file} is no report of a scanner: ${why}. nmcp-admin scanners record writes one`,
    { title: 'Invalid input' },
  );
}
