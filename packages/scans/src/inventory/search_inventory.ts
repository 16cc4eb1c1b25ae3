import type {
  AssetPlace,
  CountedFindings,
  FindingsAsked,
  FixPlan,
  FoundAsset,
  FoundAssets,
  Trend,
} from '@nmcp/inventory';
import { cleanValue, HOST_FIELDS, shownLine } from '@nmcp/schema';
import type { GetFixPlanInput, GetTrendInput, SearchAssetsInput, SearchFindingsInput } from '@nmcp/types';
import { type Operation, operation } from '../operation.ts';
import { refuseHostOutput } from '../reading/lockdown.ts';
import { ASKING, askInventory } from './ask_inventory.ts';

/** One asset alone, for those that know what makes it the same. */
type OneAsset = Pick<AssetPlace, 'asset'>;
/** Its findings, or one of them. */
type OfOneAsset = Pick<FindingsAsked, 'asset' | 'key'>;

/**
 * Assets of all scans that the caller sees.
 *
 * @throws {NmcpError} `invalid_input`; `policy_denied` in lockdown for what hosts write; `unavailable`, `storage`
 */
export const searchAssets: Operation<SearchAssetsInput & OneAsset, FoundAssets> = operation(
  { name: 'search_assets', ...ASKING },
  async (services, caller, input, signal) => {
    const { os, service, software } = input;
    const asked = { ...(os ? { os } : {}), ...(service || software ? { plugin_output: '' } : {}) };
    refuseHostOutput({ filters: asked }, services);
    const { near, ...found } = await askInventory(services, caller, 'assets', input, signal);
    const assets = services.lockdown ? found.assets.map(withoutHostTexts) : found.assets;
    return cleanValue({ ...found, assets, ...(near && !services.lockdown ? { near } : {}) });
  },
);

/** In lockdown, hosts do not say what they are. */
function withoutHostTexts({ fqdn, os, device_type, matches, software, ...asset }: FoundAsset): FoundAsset {
  return asset;
}

/**
 * Findings over time, most urgent first, as lines of JSON: a head, the findings, how to go on; or counted by a field.
 *
 * @throws {NmcpError} `invalid_input`; `policy_denied` in lockdown for what hosts write; `unavailable`, `storage`
 */
export const searchFindings: Operation<
  SearchFindingsInput & OfOneAsset,
  { lines: string[] } | CountedFindings
> = operation(
  { name: 'search_findings', ...ASKING },
  async (services, caller, { group_by, ...input }, signal) => {
    const isField = HOST_FIELDS.some((field) => field === group_by);
    refuseHostOutput({ filters: input.filters, fields: isField && group_by ? [group_by] : [] }, services);
    if (group_by !== undefined)
      return cleanValue(await askInventory(services, caller, 'groups', { ...input, group_by }, signal));
    const asked = services.lockdown ? { ...input, max_text: 0 } : input;
    const { lines } = await askInventory(services, caller, 'findings', asked, signal);
    return { lines: lines.map((line) => shownLine(line, services)) };
  },
);

/** What to fix first, as steps or as the text of a ticket. */
export type ShownPlan = FixPlan | { ticket: string };

/**
 * What to fix first.
 *
 * @throws {NmcpError} `invalid_input`; `policy_denied` in lockdown for what hosts write; `unavailable`, `storage`
 */
export const getFixPlan: Operation<GetFixPlanInput, ShownPlan> = operation(
  { name: 'get_fix_plan', ...ASKING },
  async (services, caller, { as, ...input }, signal) => {
    refuseHostOutput({ filters: input.filters }, services);
    const plan = cleanValue(await askInventory(services, caller, 'plan', input, signal));
    return as === 'ticket' ? { ticket: ticketOf(plan, input) } : plan;
  },
);

/** A text for whoever does it. */
function ticketOf(plan: FixPlan, { network, tag, owner }: Omit<GetFixPlanInput, 'as'>): string {
  const place = [owner && `owned by ${owner}`, tag && `tagged ${tag}`, network && `in ${network}`].filter(
    Boolean,
  );
  const steps = plan.steps.map((step, i) => {
    const { removes, hosts, kev, exploited, overdue, cves = [], cve_count = 0 } = step;
    const notes = [
      `removes ${removes} findings on ${hosts} ${hosts === 1 ? 'host' : 'hosts'}, worst ${step.max_severity_name}`,
      ...(kev > 0 ? [`${kev} of them are being exploited, says CISA`] : []),
      ...(exploited > 0 ? [`${exploited} of them have an exploit`] : []),
      ...(overdue > 0 ? [`${overdue} are overdue`] : []),
    ];
    const named =
      cves.length === 0
        ? ''
        : `\n   ${cves.join(', ')}${cve_count > cves.length ? ` and ${cve_count - cves.length} more` : ''}`;
    return `${i + 1}. ${step.do}\n   ${notes.join('; ')}\n   on ${step.where}${named}`;
  });
  const head = `${plan.open_findings} open findings on ${plan.open_hosts} hosts${place.length === 0 ? '' : ` ${place.join(', ')}`}.`;
  const rest = plan.left === 0 ? '' : `\n\nThese steps leave ${plan.left} findings.`;
  return `${head}${plan.empty ? ` ${plan.empty.why}.` : ''}\n\n${steps.join('\n')}${rest}`;
}

/**
 * Findings by week.
 *
 * @throws {NmcpError} `invalid_input`; `unavailable`, `storage`
 */
export const getTrend: Operation<GetTrendInput, Trend> = operation(
  { name: 'get_trend', ...ASKING },
  async (services, caller, input, signal) => await askInventory(services, caller, 'trend', input, signal),
);
