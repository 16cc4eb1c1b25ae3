import type { CompiledFilters } from '../filters.ts';
import { readEvents } from '../found_events.ts';
import type { NessusEvent } from '../nessus_handler.ts';
import { feedFindings, type ReadNessusOptions } from '../read_nessus.ts';
import type { HostSink } from '../whole_hosts.ts';
import type { ByteSource } from '../xml/decode_bytes.ts';
import { DocumentError } from '../xml/document_error.ts';
import { BothSinks } from './both_sinks.ts';
import { type Survey, SurveySink } from './survey.ts';

/** Opens a document from its start; it may be called several times. */
export type OpenDocument = () => ByteSource | Promise<ByteSource>;

/** Where findings come from: a document, or several as one. It can be read as often as is needed. */
export interface FindingsSource {
  /**
   * Reads everything to find out what there is; a fault is told in the answer.
   *
   * @param beside is told in the same reading what {@linkcode feed} would tell it, or nothing where that cannot be known yet
   */
  survey(filters: CompiledFilters, options?: ReadNessusOptions, beside?: HostSink<unknown>): Promise<Survey>;
  /**
   * Reads into a sink and yields after each chunk.
   *
   * @throws {DocumentError} after everything that was whole
   */
  feed<T>(sink: HostSink<T>, options?: ReadNessusOptions): AsyncGenerator<void>;
}

/** One document. */
export function singleDocument(open: OpenDocument): FindingsSource {
  return {
    async survey(filters, options = {}, beside) {
      const sink = new SurveySink(filters);
      try {
        const source = await open();
        const reading = beside
          ? feedFindings(source, new BothSinks(sink, beside), options)
          : feedFindings(source, sink, options);
        for await (const _ of reading);
      } catch (error) {
        if (!(error instanceof DocumentError)) throw error;
        sink.survey.fault = error;
      }
      return sink.survey;
    },
    async *feed(sink, options = {}) {
      yield* feedFindings(await open(), sink, options);
    },
  };
}

/** What a source tells, in batches; see `readFindings`. @throws {DocumentError} after everything that was whole */
export function eventsOf(
  source: FindingsSource,
  options: ReadNessusOptions = {},
): AsyncGenerator<NessusEvent[]> {
  return readEvents((sink) => source.feed(sink, options));
}
