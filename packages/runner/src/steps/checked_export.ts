import { NmcpError } from '@nmcp/types';

/** An export is looked at up to where its findings begin, and no further than this. */
const HEAD_BYTES = 8_388_608;
/** A mark that lies over the border of two chunks is shorter. */
const OVERLAP = 256;
const MARK = /\[(nmcp:[\w-]+)\]/;

/** What came is the export of another scan. */
export class WrongExportError extends NmcpError {
  constructor(found: string) {
    super('scanner_error', `The scanner sent the results of another scan, which is marked ${found}`);
    this.name = 'WrongExportError';
  }
}

/**
 * Passes an export on as it comes. One that says in its head that it is another scan's is refused before it is stored; one that
 * says nothing is taken.
 *
 * @param marker what our scan carries in its description
 * @throws {WrongExportError}
 */
export async function* checkedExport(
  source: AsyncIterable<Uint8Array>,
  marker: string,
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder();
  let [seen, tail, isHead] = [0, '', true];
  for await (const chunk of source) {
    if (isHead) {
      const text = tail + decoder.decode(chunk, { stream: true });
      const end = text.indexOf('<Report ');
      const found = MARK.exec(end < 0 ? text : text.slice(0, end))?.[1];
      if (found !== undefined && found !== marker) throw new WrongExportError(found.slice(0, 80));
      seen += chunk.length;
      isHead = end < 0 && seen < HEAD_BYTES;
      tail = text.slice(-OVERLAP);
    }
    yield chunk;
  }
}
