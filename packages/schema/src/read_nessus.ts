import type { Finding } from './finding.ts';
import { readEvents } from './found_events.ts';
import type { HostFacts } from './host_facts.ts';
import { type NessusEvent, NessusHandler, type NessusSink, NotNessusError } from './nessus_handler.ts';
import { type HostSink, WholeHosts } from './whole_hosts.ts';
import { noteVariant } from './written_text.ts';
import { wrongKind } from './wrong_kind.ts';
import { type ByteSource, decodeBytes, partOf, type TextChunk } from './xml/decode_bytes.ts';
import { DocumentError } from './xml/document_error.ts';
import { XmlTokenizer } from './xml/tokenizer.ts';
import type { XmlLimits } from './xml/xml_handler.ts';

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
export function readNessus(
  source: ByteSource,
  options: ReadNessusOptions = {},
): AsyncGenerator<NessusEvent[]> {
  return readEvents((sink) => feedNessus(source, sink, options));
}

/**
 * {@linkcode readNessus}, with the host's fields in every finding: `host_ip`, `os`, `credentialed` and the others of
 * `HOST_FIELDS`. A host's findings come when the host is whole.
 *
 * @throws {DocumentError} like {@linkcode readNessus}
 */
export function readFindings(
  source: ByteSource,
  options: ReadNessusOptions = {},
): AsyncGenerator<NessusEvent[]> {
  return readEvents((sink) => feedFindings(source, sink, options));
}

/** {@linkcode feedNessus} for a sink that wants to know of a host before its findings. */
export async function* feedFindings<T>(
  source: ByteSource,
  sink: HostSink<T>,
  options: ReadNessusOptions = {},
): AsyncGenerator<void> {
  const hosts = new WholeHosts(sink);
  try {
    yield* feedNessus(source, hosts, options);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    hosts.release();
    yield;
    throw error;
  }
  hosts.release();
  yield;
}

/**
 * Reads a document into a sink and yields after each chunk, so that what the sink gathered can be passed on; also before
 * it throws.
 *
 * @throws {DocumentError} at the first fault
 */
export async function* feedNessus<T>(
  source: ByteSource,
  sink: NessusSink<T>,
  options: ReadNessusOptions = {},
): AsyncGenerator<void> {
  const { signal, ...limits } = options;
  const hasOwnLimits = Object.values(limits).some((limit) => limit !== undefined);
  const tokenizer = new XmlTokenizer(new NessusHandler(sink, !hasOwnLimits), limits);
  let isFirst = true;
  let hasRest = false;
  for await (const chunk of decodeBytes(source)) {
    signal?.throwIfAborted();
    const kind = isFirst ? wrongKind(chunk.text) : undefined;
    if (kind !== undefined) throw new DocumentError(kind, { offset: 0, line: 1 });
    isFirst = false;
    let fault: unknown;
    try {
      for (const part of hasRest ? cutAtItem(chunk) : [chunk]) hasRest = tokenizer.push(part);
    } catch (error) {
      fault = error instanceof NotNessusError ? tokenizer.fail(error.message) : error;
    }
    yield;
    if (fault !== undefined) throw fault;
  }
  tokenizer.end();
}

/** A text that goes on with an item, and what is behind the item: what is put to a text is copied, so it is no more than that. */
function cutAtItem(chunk: TextChunk): TextChunk[] {
  const next = chunk.text.indexOf('<ReportItem');
  return next <= 0 ? [chunk] : [partOf(chunk, 0, next), partOf(chunk, next)];
}

/** A finding like another one on another host. */
export function knownFinding(
  prepared: Finding,
  host: string,
  output: string | undefined,
  facts?: HostFacts,
): Finding {
  const finding: Finding = noteVariant({ ...prepared, host }, prepared);
  if (output !== undefined) finding.plugin_output = output;
  return facts === undefined ? finding : Object.assign(finding, facts);
}
