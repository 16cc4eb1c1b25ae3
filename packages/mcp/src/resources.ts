import { type McpServer, ResourceNotFoundError, ResourceTemplate } from '@modelcontextprotocol/server';
import type { Caller } from '@nmcp/access';
import {
  GROUP_FIELDS,
  getPoolStatuses,
  getScanResults,
  getScanStatus,
  getScanSummary,
  isOffered,
  listScans,
  type Services,
} from '@nmcp/scans';
import { FIELDS } from '@nmcp/schema';
import { GetScanResultsInputSchema, parseInput } from '@nmcp/types';
import { VIEW_HTML, VIEW_TYPE, VIEW_URI } from './app_view.ts';
import { assetResources } from './asset_resources.ts';
import { completeHost, completeTaskId } from './completions.ts';
import { currentRequest } from './request_context.ts';
import {
  contents,
  found,
  JSON_TYPE,
  LINES_TYPE,
  type Resource,
  type ResourceContents,
  type Variables,
  variable,
} from './resource.ts';
import { showAnswer, showLines, showStatus } from './scan_output.ts';
import { scanUri } from './scan_uri.ts';

/** Scans in the list of resources. */
const LISTED = 50;
/** Findings of a host in one resource. */
const MAX_FINDINGS = 100;

/** Made once, since servers are made for each request. */
const made = new WeakMap<Services, readonly Resource[]>();

/** Resources; tools answer all of this as well. */
export function registerResources(server: McpServer, services: Services): void {
  const resources = made.get(services) ?? makeResources(services);
  made.set(services, resources);
  // what no tool may show is no resource either
  for (const { name, at, about, read } of resources.filter(({ of }) => !of || isOffered(services, of)))
    if (typeof at === 'string') server.registerResource(name, at, about, (uri) => read(uri, {}));
    else server.registerResource(name, at, about, read);
}

function makeResources(services: Services): Resource[] {
  const caller = (): Caller => currentRequest().caller;
  const complete = { task_id: (text: string) => completeTaskId(services, caller(), text) };
  const task_id = (text: string): Promise<string[]> => completeTaskId(services, caller(), text, 'completed');
  const host = (text: string, context?: { arguments?: Record<string, string> }): Promise<string[]> =>
    completeHost(services, caller(), text, context?.arguments?.task_id);
  const list = async (): Promise<{ resources: { uri: string; name: string; mimeType: string }[] }> => ({
    resources: (await listScans(services, caller(), { limit: LISTED })).tasks.map(
      ({ task_id: id, status, payload }) => ({
        uri: scanUri(id),
        name: `${payload.name} (${status})`,
        mimeType: JSON_TYPE,
      }),
    ),
  });
  return [
    {
      name: 'scan-view',
      of: getScanResults,
      at: VIEW_URI,
      about: {
        title: 'View of a scan',
        description: 'What clients with MCP Apps show for get_scan_summary and compare_scans',
        mimeType: VIEW_TYPE,
      },
      read: async (uri) => contents(uri, VIEW_TYPE, VIEW_HTML),
    },
    {
      name: 'pools',
      at: 'nessus://pools',
      about: {
        title: 'Scanner pools',
        description: 'Scanner pools with their scanners and load',
        mimeType: JSON_TYPE,
      },
      async read(uri) {
        const pools = await getPoolStatuses(services, caller(), {});
        return contents(uri, JSON_TYPE, JSON.stringify(pools));
      },
    },
    {
      name: 'fields',
      of: getScanResults,
      at: 'nessus://fields',
      about: {
        title: 'Fields of findings',
        description:
          'Every field with its type and meaning, for filters, custom_fields and sort; and what findings are grouped by',
        mimeType: JSON_TYPE,
      },
      read: async (uri) =>
        contents(uri, JSON_TYPE, JSON.stringify({ fields: FIELDS, group_by: GROUP_FIELDS })),
    },
    {
      name: 'scan',
      of: getScanResults,
      at: new ResourceTemplate('nessus://scans/{task_id}', { list, complete }),
      about: {
        title: 'A scan',
        description: 'Status and progress of a scan; subscribe to be notified of changes',
        mimeType: JSON_TYPE,
      },
      async read(uri, variables) {
        const task_id = variable(variables.task_id);
        const status = await found(uri, () => getScanStatus(services, caller(), { task_id }));
        return contents(uri, JSON_TYPE, JSON.stringify(showStatus(status)));
      },
    },
    {
      name: 'scan-summary',
      of: getScanResults,
      at: new ResourceTemplate('nessus://scans/{task_id}/summary', {
        list: undefined,
        complete: { task_id },
      }),
      about: {
        title: 'Summary of a scan',
        description: 'A completed scan in one answer',
        mimeType: JSON_TYPE,
      },
      async read(uri, variables) {
        const task_id = variable(variables.task_id);
        const summary = await found(uri, () => getScanSummary(services, caller(), { task_id, top: 10 }));
        return contents(uri, JSON_TYPE, JSON.stringify(showAnswer(summary)));
      },
    },
    {
      name: 'host-findings',
      of: getScanResults,
      at: new ResourceTemplate('nessus://scans/{task_id}/hosts/{host}', {
        list: undefined,
        complete: { task_id, host },
      }),
      about: {
        title: 'Findings of a host',
        description: `Worst first, at most ${MAX_FINDINGS}, as JSON lines`,
        mimeType: LINES_TYPE,
      },
      read: (uri, variables) =>
        findings(uri, services, caller(), variables, {
          filters: { host: variable(variables.host) },
          profile: 'brief',
        }),
    },
    {
      name: 'finding',
      of: getScanResults,
      at: new ResourceTemplate('nessus://scans/{task_id}/hosts/{host}/plugins/{plugin_id}', {
        list: undefined,
        complete: { task_id, host },
      }),
      about: {
        title: 'One finding in full',
        description: 'Everything that a plugin found on a host, in full, as JSON lines',
        mimeType: LINES_TYPE,
      },
      read: (uri, variables) =>
        findings(uri, services, caller(), variables, {
          filters: { host: variable(variables.host), plugin_id: variable(variables.plugin_id) },
          profile: 'full',
        }),
    },
    ...assetResources(services),
  ];
}

async function findings(
  uri: URL,
  services: Services,
  caller: Caller,
  { task_id }: Variables,
  { filters, profile }: { filters: Record<string, string>; profile: 'brief' | 'full' },
): Promise<ResourceContents> {
  const query = parseInput(
    GetScanResultsInputSchema,
    {
      task_id: variable(task_id),
      filters: exact(filters),
      schema_profile: profile,
      sort: ['-severity'],
      page_size: MAX_FINDINGS,
    },
    'resource',
  );
  const answer = await found(uri, () => getScanResults(services, caller, query));
  const lines = showLines(answer.lines);
  if (!lines.some((line) => line.startsWith('{"type":"vulnerability"')))
    throw new ResourceNotFoundError(uri.href);
  return contents(uri, LINES_TYPE, lines.join('\n'));
}

/** Matches the whole value; a plain string would match a substring. */
function exact(filters: Record<string, string>): Record<string, { in: string[] }> {
  return Object.fromEntries(Object.entries(filters).map(([field, text]) => [field, { in: [text] }]));
}
