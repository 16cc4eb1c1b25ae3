import { type NessusEvent, NessusHandler, NotNessusError } from './nessus_handler.ts';
import { type ByteSource, decodeBytes } from './xml/decode_bytes.ts';
import { type XmlLimits, XmlTokenizer } from './xml/tokenizer.ts';

/** Options of {@linkcode readNessus}. */
export interface ReadNessusOptions extends XmlLimits {
  /** Ends the reading. */
  signal?: AbortSignal | undefined;
}

/**
 * Reads a .nessus document as a stream and yields its events in batches, one a chunk of input. Memory stays flat
 * whatever the document's size.
 *
 * @throws {DocumentError} at the first fault, after the events of everything that was whole before it.
 *
 * @example
 * ```ts
 * import { readNessus } from '@nmcp/schema';
 *
 * const xml = `<NessusClientData_v2><Report name="r"><ReportHost name="10.0.0.1">
 *   <ReportItem port="22" svc_name="ssh" protocol="tcp" severity="0" pluginID="10267" pluginName="SSH" pluginFamily="f"/>
 * </ReportHost></Report></NessusClientData_v2>`;
 * for await (const batch of readNessus(new Blob([xml]).stream())) {
 *   for (const event of batch) console.assert(event.type !== 'finding' || event.finding.plugin_id === '10267');
 * }
 * ```
 */
export async function* readNessus(
  source: ByteSource,
  options: ReadNessusOptions = {},
): AsyncGenerator<NessusEvent[]> {
  const handler = new NessusHandler();
  const tokenizer = new XmlTokenizer(handler, options);
  let fault: unknown;
  for await (const chunk of decodeBytes(source)) {
    options.signal?.throwIfAborted();
    try {
      tokenizer.push(chunk);
    } catch (error) {
      fault = error instanceof NotNessusError ? tokenizer.fail(error.message) : error;
    }
    const events = handler.take();
    if (events.length > 0) yield events;
    if (fault !== undefined) throw fault;
  }
  tokenizer.end();
}
