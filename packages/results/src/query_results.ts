import { createReadStream } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import {
  createScanValidator,
  DocumentError,
  type FindingsQuery,
  queryNessus,
  readNessus,
  type ScanValidation,
  type ScanValidatorOptions,
} from '@nmcp/schema';
import { NmcpError } from '@nmcp/types';

const READ_BYTES = 262_144;

function openFile(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: READ_BYTES });
}

/**
 * Answers a query over a stored .nessus file with lines of JSON-NL.
 *
 * @throws {NmcpError} `not_found` when the file is gone, `invalid_input` when the query is wrong, `damaged_document` after
 * the lines of what was whole.
 */
export async function* queryResults(path: string, query: FindingsQuery): AsyncGenerator<string> {
  await access(path).catch((error: unknown) => {
    throw new NmcpError('not_found', 'The results of this scan are no longer stored', {
      title: 'Results not found',
      cause: error,
    });
  });
  yield* queryNessus(() => openFile(path), query);
}

/** What became of a look at a scan's results. */
export type ResultsVerdict =
  | ({ readonly valid: true } & ScanValidation)
  | { readonly valid: false; readonly reason: 'xml_invalid' | 'file_not_found'; readonly message: string };

/** Reads a stored .nessus file whole: is it well-formed, what is in it, and could the scanner log in. */
export async function validateResults(path: string, options: ScanValidatorOptions): Promise<ResultsVerdict> {
  const file = await stat(path).catch(() => undefined);
  if (!file) return { valid: false, reason: 'file_not_found', message: 'The results were not stored' };
  const validator = createScanValidator(options);
  try {
    for await (const batch of readNessus(openFile(path))) for (const event of batch) validator.add(event);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return {
      valid: false,
      reason: 'xml_invalid',
      message: `The scanner's export is damaged: ${error.message}`,
    };
  }
  return { valid: true, ...validator.result(file.size) };
}
