import {
  assertFields,
  chooseProjection,
  type ExportOptions,
  eventsOf,
  type FindingsQuery,
  type FindingsSource,
  FORMATS,
  type FormatName,
  filterEvents,
  loadFilters,
  type NessusEvents,
  parseSort,
  queryNessusBytes,
  sortEvents,
} from '@nmcp/schema';

/** Formats that can be written. */
export const FORMAT_NAMES: readonly string[] = ['jsonl', ...Object.keys(FORMATS)];

/** What is to be written. */
export interface Wanted {
  format: string;
  /** Which findings, in which order, with which fields. */
  query: FindingsQuery;
  /** A profile or fields were asked for, so that the format's own columns do not count. */
  choosesFields: boolean;
}

/**
 * What a source holds in a format.
 *
 * @throws {NmcpError} `invalid_input` before anything comes, when a field is not there
 */
export async function* contentOf(
  source: FindingsSource,
  wanted: Wanted,
): AsyncGenerator<string | Uint8Array> {
  const { format, query } = wanted;
  if (format === 'jsonl') yield* queryNessusBytes(source, query);
  else {
    const { events, options } = await eventsFor(source, wanted);
    yield* FORMATS[format as FormatName].exporter(events, options); // checked by the caller
  }
}

/** Findings that are wanted, in their order, and what exporters are told. */
export interface WantedEvents {
  events: NessusEvents;
  options: ExportOptions;
}

/** @throws {NmcpError} `invalid_input` when a field is not there */
export async function eventsFor(
  source: FindingsSource,
  { query, choosesFields }: Wanted,
): Promise<WantedEvents> {
  const filters = await loadFilters(query.filters);
  const sort = parseSort(query.sort);
  const { fields } = chooseProjection(query.profile, query.customFields);
  const named = {
    filters: [...filters.fields],
    fields: query.customFields ?? [],
    sort: sort.map(({ field }) => field),
  };
  let seen: readonly string[] = [];
  if (choosesFields || Object.values(named).some((names) => names.length > 0)) {
    const survey = await source.survey(filters);
    for (const [where, names] of Object.entries(named)) assertFields(names, survey.fields, where);
    seen = [...survey.fields];
  }
  const events = eventsOf(source);
  const filtered = filters.fields.size === 0 ? events : filterEvents(events, filters.matches);
  return {
    events: sort.length === 0 ? filtered : sortEvents(filtered, sort),
    options: { hosts: query.hosts, ...(choosesFields ? { fields: fields ?? seen } : {}) },
  };
}
