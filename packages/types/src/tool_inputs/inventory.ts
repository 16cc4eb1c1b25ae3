import * as v from 'valibot';
import { type Filters, filtersSchema } from '../filter.ts';
import { clamped } from './fields.ts';

const text = (description: string): v.GenericSchema<string | undefined, string | undefined> =>
  v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(1000), v.description(description)));
const network = text('Only there: an address, CIDR, range, list, or part of a name');
const tag = text('Only assets with this tag');
const owner = text('Only assets of this owner');
const page = v.optional(clamped(1, 1_000_000), 1);
const pageSize = v.optional(clamped(1, 100), 20);
const day = (description: string): v.GenericSchema<string | undefined, string | undefined> =>
  v.optional(v.pipe(v.string(), v.description(`${description}, as 2026-01-31`)));

/** Whose assets. */
interface Place {
  network?: string | undefined;
  tag?: string | undefined;
  owner?: string | undefined;
}

/** Arguments of search_assets. */
export interface SearchAssetsInput extends Place {
  os?: string | undefined;
  port?: number | undefined;
  service?: string | undefined;
  software?: string | undefined;
  login?: 'success' | 'partial' | 'failed' | 'none' | undefined;
  seen_since?: string | undefined;
  not_seen_since?: string | undefined;
  page: number;
  page_size: number;
}

/** Schema of {@linkcode SearchAssetsInput}. */
export const SearchAssetsInputSchema: v.GenericSchema<unknown, SearchAssetsInput> = v.strictObject({
  ...{ network, tag, owner },
  os: text('Part of its name'),
  port: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535), v.description('Open port')),
  ),
  service: text('Part of its name'),
  software: text('Part of a name or CPE, with a version if it matters: "openssh < 9.8"'),
  login: v.optional(v.picklist(['success', 'partial', 'failed', 'none'])),
  seen_since: day('Reached by a scan then or later'),
  not_seen_since: day('Not reached since'),
  page,
  page_size: pageSize,
});

/** Arguments of search_findings. */
export interface SearchFindingsInput extends Place {
  state: 'open' | 'fixed' | 'reopened' | 'accepted' | 'all';
  filters?: Filters | undefined;
  since?: string | undefined;
  kev?: boolean | undefined;
  overdue?: boolean | undefined;
  group_by?: string | undefined;
  top: number;
  page: number;
  page_size: number;
  max_tokens?: number | undefined;
  /** Characters of what each finding said; 0 for none. */
  max_text?: number | undefined;
}

/** Schema of {@linkcode SearchFindingsInput}. */
export const SearchFindingsInputSchema: v.GenericSchema<unknown, SearchFindingsInput> = v.strictObject({
  state: v.optional(v.picklist(['open', 'fixed', 'reopened', 'accepted', 'all']), 'open'),
  filters: v.optional(filtersSchema('As in get_scan_results')),
  ...{ network, tag, owner },
  since: day('First seen then or later'),
  kev: v.optional(v.pipe(v.boolean(), v.description('On CISA’s list of exploited vulnerabilities'))),
  overdue: v.optional(v.pipe(v.boolean(), v.description('Open for longer than allowed'))),
  group_by: text('Count instead, by a field of get_scan_summary or owner, tag, zone, state'),
  top: v.optional(clamped(1, 100), 10),
  page,
  page_size: pageSize,
  max_tokens: v.optional(v.pipe(v.number(), v.integer(), v.minValue(500))),
  max_text: v.optional(
    v.pipe(
      clamped(0, 65_536),
      v.description('Characters of plugin_output; default 4000 where at most 5 match, else 0'),
    ),
  ),
});

/** Arguments of get_fix_plan. */
export interface GetFixPlanInput extends Place {
  filters?: Filters | undefined;
  top: number;
  as: 'steps' | 'ticket';
}

/** Schema of {@linkcode GetFixPlanInput}. */
export const GetFixPlanInputSchema: v.GenericSchema<unknown, GetFixPlanInput> = v.strictObject({
  ...{ network, tag, owner },
  filters: v.optional(filtersSchema('As in get_scan_results')),
  top: v.optional(clamped(1, 50), 10),
  as: v.optional(
    v.pipe(v.picklist(['steps', 'ticket']), v.description('ticket: a text for whoever does it')),
    'steps',
  ),
});

/** Arguments of get_trend. */
export interface GetTrendInput extends Place {
  since?: string | undefined;
}

/** Schema of {@linkcode GetTrendInput}. */
export const GetTrendInputSchema: v.GenericSchema<unknown, GetTrendInput> = v.strictObject({
  ...{ network, tag, owner },
  since: day('Default: twelve weeks ago'),
});
