import type { Finding } from './finding.ts';
import {
  type NessusEvent,
  NessusHandler,
  type NessusPart,
  type NessusSink,
  NotNessusError,
} from './nessus_handler.ts';
import { type ByteSource, decodeBytes } from './xml/decode_bytes.ts';
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
export async function* readNessus(
  source: ByteSource,
  options: ReadNessusOptions = {},
): AsyncGenerator<NessusEvent[]> {
  const events = new EventSink();
  for await (const _ of feedNessus(source, events, options)) {
    const batch = events.take();
    if (batch.length > 0) yield batch;
  }
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
  for await (const chunk of decodeBytes(source)) {
    signal?.throwIfAborted();
    let fault: unknown;
    try {
      tokenizer.push(chunk);
    } catch (error) {
      fault = error instanceof NotNessusError ? tokenizer.fail(error.message) : error;
    }
    yield;
    if (fault !== undefined) throw fault;
  }
  tokenizer.end();
}

/** Gathers events. */
class EventSink implements NessusSink<Finding> {
  #events: NessusEvent[] = [];

  take(): NessusEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  part(part: NessusPart): void {
    this.#events.push(part);
  }

  finding(finding: Finding): void {
    this.#events.push({ type: 'finding', finding });
  }

  prepare(finding: Finding): Finding {
    return { ...finding }; // the one that was handed out is its taker's
  }

  known(prepared: Finding, host: string, output: string | undefined): void {
    this.#events.push({ type: 'finding', finding: knownFinding(prepared, host, output) });
  }
}

/** A finding like another one on another host. */
export function knownFinding(prepared: Finding, host: string, output: string | undefined): Finding {
  const finding: Finding = { ...prepared, host };
  if (output !== undefined) finding.plugin_output = output;
  return finding;
}
