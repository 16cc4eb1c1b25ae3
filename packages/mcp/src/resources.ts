import { type McpServer, ResourceNotFoundError, ResourceTemplate } from '@modelcontextprotocol/server';
import { type Caller, owns } from '@nmcp/access';
import { summarizeScan } from '@nmcp/results';
import { isNmcpError, isTaskId, type Task } from '@nmcp/types';
import { VIEW_HTML, VIEW_TYPE, VIEW_URI } from './app_view.ts';
import { completedTask, ownPools, ownTask } from './own_task.ts';
import { currentRequest } from './request_context.ts';
import { showAnswer, showLine } from './scan_output.ts';
import { scanStatus } from './scan_status.ts';
import type { Services } from './services.ts';

const JSON_TYPE = 'application/json';
const LINES_TYPE = 'application/x-ndjson';
/** Values that a completion offers. */
const MAX_COMPLETIONS = 100;
/** Scans in the list of resources. */
const LISTED = 50;
/** Findings of a host in one resource. */
const MAX_FINDINGS = 100;

/** URI of a scan's state, which can be subscribed to. */
export function scanUri(taskId: string): string {
  return `nessus://scans/${taskId}`;
}

/** The task of a URI that {@linkcode scanUri} or one of its parts has made; `undefined` for another. */
export function taskOfUri(uri: string): string | undefined {
  return /^nessus:\/\/scans\/([\w-]+)(?:\/summary)?$/.exec(uri)?.[1];
}

/** Made once, since servers are made for each request. */
const made = new WeakMap<Services, readonly Resource[]>();

/** What can be read by address, all of which a tool answers as well. */
export function registerResources(server: McpServer, services: Services): void {
  const resources = made.get(services) ?? makeResources(services);
  made.set(services, resources);
  const { toolsets } = services.offered ?? {};
  // findings that no tool may show are in no resource either
  const showsScans = toolsets === undefined || toolsets.includes('results');
  for (const { name, at, about, read } of resources.filter((each) => showsScans || each.name === 'pools'))
    if (typeof at === 'string') server.registerResource(name, at, about, (uri) => read(uri, {}));
    else server.registerResource(name, at, about, read);
}

interface Resource {
  name: string;
  at: string | ResourceTemplate;
  about: { title: string; description: string; mimeType: string };
  read(uri: URL, variables: Variables): Promise<ResourceContents>;
}

function makeResources(services: Services): Resource[] {
  const { registry, tasks, results } = services;
  const caller = (): Caller => currentRequest().caller;
  const complete = { task_id: (text: string) => completeTaskId(services, caller(), text) };
  const task_id = (text: string): Promise<string[]> => completeTaskId(services, caller(), text, 'completed');
  const host = (text: string, context?: { arguments?: Record<string, string> }): Promise<string[]> =>
    completeHost(services, caller(), text, context?.arguments?.task_id);
  const list = async (): Promise<{ resources: { uri: string; name: string; mimeType: string }[] }> => ({
    resources: (await ownTasks(services, caller()))
      .slice(0, LISTED)
      .map(({ task_id: id, status, payload }) => ({
        uri: scanUri(id),
        name: `${payload.name} (${status})`,
        mimeType: JSON_TYPE,
      })),
  });
  return [
    {
      name: 'scan-view',
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
        const pools = await Promise.all(ownPools(registry, caller()).map((pool) => registry.status(pool)));
        return contents(uri, JSON_TYPE, JSON.stringify(pools));
      },
    },
    {
      name: 'scan',
      at: new ResourceTemplate('nessus://scans/{task_id}', { list, complete }),
      about: {
        title: 'A scan',
        description: 'State and progress of a scan; subscribe to hear of changes',
        mimeType: JSON_TYPE,
      },
      async read(uri, variables) {
        const task = await found(uri, () => ownTask(tasks, variable(variables.task_id), caller()));
        return contents(uri, JSON_TYPE, JSON.stringify(scanStatus(task)));
      },
    },
    {
      name: 'scan-summary',
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
        const task = await found(uri, () => completedTask(tasks, variable(variables.task_id), caller()));
        const index = await results.open(tasks.paths(task.task_id).native);
        const summary = showAnswer({ task_id: task.task_id, ...summarizeScan(index) });
        return contents(uri, JSON_TYPE, JSON.stringify(summary));
      },
    },
    {
      name: 'host-findings',
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
      at: new ResourceTemplate('nessus://scans/{task_id}/hosts/{host}/plugins/{plugin_id}', {
        list: undefined,
        complete: { task_id, host },
      }),
      about: {
        title: 'One finding in full',
        description: 'What a plugin has found on a host, with all that it says, as JSON lines',
        mimeType: LINES_TYPE,
      },
      read: (uri, variables) =>
        findings(uri, services, caller(), variables, {
          filters: { host: variable(variables.host), plugin_id: variable(variables.plugin_id) },
          profile: 'full',
        }),
    },
  ];
}

type Variables = Readonly<Record<string, string | string[] | undefined>>;

function variable(value: string | string[] | undefined): string {
  return decodeURIComponent(String(value ?? ''));
}

async function findings(
  uri: URL,
  { tasks, results, lockdown }: Services,
  caller: Caller,
  { task_id }: Variables,
  { filters, profile }: { filters: Record<string, string>; profile: string },
): Promise<ResourceContents> {
  const task = await found(uri, () => completedTask(tasks, variable(task_id), caller));
  const query = { filters: exact(filters), profile, sort: ['-severity'], pageSize: MAX_FINDINGS };
  const lines: string[] = [];
  for await (const line of results.query(tasks.paths(task.task_id).native, query))
    lines.push(showLine(line, lines.length, { lockdown }));
  if (!lines.some((line) => line.startsWith('{"type":"vulnerability"')))
    throw new ResourceNotFoundError(uri.href);
  return contents(uri, LINES_TYPE, lines.join('\n'));
}

/** The whole value, where a text alone would be looked for within it. */
function exact(filters: Record<string, string>): Record<string, { in: string[] }> {
  return Object.fromEntries(Object.entries(filters).map(([field, text]) => [field, { in: [text] }]));
}

/** A type alias, since the SDK wants an index signature. */
type ResourceContents = { contents: { uri: string; mimeType: string; text: string }[] };

function contents(uri: URL, mimeType: string, text: string): ResourceContents {
  return { contents: [{ uri: uri.href, mimeType, text }] };
}

/** What does not exist, is somebody else's, or has no results yet, cannot be read. */
async function found<T>(uri: URL, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (
      isNmcpError(error, 'not_found') ||
      isNmcpError(error, 'invalid_input') ||
      isNmcpError(error, 'not_ready')
    )
      throw new ResourceNotFoundError(uri.href, error.message);
    throw error;
  }
}

async function ownTasks({ tasks }: Services, caller: Caller): Promise<Task[]> {
  return (await tasks.list()).filter(({ owner }) => owns(caller, owner));
}

/** Ids of the caller's tasks, newest first. */
export async function completeTaskId(
  services: Services,
  caller: Caller,
  text: string,
  status?: Task['status'],
): Promise<string[]> {
  return (await ownTasks(services, caller))
    .filter((task) => task.task_id.startsWith(text) && (status === undefined || task.status === status))
    .slice(0, MAX_COMPLETIONS)
    .map(({ task_id }) => task_id);
}

async function completeHost(
  { tasks, results }: Services,
  caller: Caller,
  text: string,
  id: string | undefined,
): Promise<string[]> {
  if (id === undefined || !isTaskId(id)) return [];
  const task = await completedTask(tasks, id, caller).catch(() => undefined);
  if (!task) return [];
  const { hostNames } = await results.open(tasks.paths(task.task_id).native);
  return hostNames.filter((host) => host.startsWith(text)).slice(0, MAX_COMPLETIONS);
}
