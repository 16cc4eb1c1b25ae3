import { DocumentError, type Finding, readNessus } from '@nmcp/schema';

/** What reading a document gave. */
export interface Reading {
  findings: Finding[];
  /** Names of the hosts. */
  hosts: string[];
  error: { message: string; offset: number; line: number } | undefined;
}

/** Reads a document that comes in pieces. @throws whatever is no {@linkcode DocumentError}, which is a fault of ours */
export async function read(pieces: Iterable<Uint8Array>): Promise<Reading> {
  const reading: Reading = { findings: [], hosts: [], error: undefined };
  try {
    for await (const batch of readNessus(pieces)) {
      for (const event of batch) {
        if (event.type === 'finding') reading.findings.push(event.finding);
        else if (event.type === 'host') reading.hosts.push(event.host.name);
      }
    }
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    reading.error = { message: error.message, offset: error.offset, line: error.line };
  }
  return reading;
}

/** A document in pieces of a length; in single bytes it is read by its parts, never at once. */
export function* inPieces(bytes: Uint8Array, length: number): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += length) yield bytes.subarray(start, start + length);
}
