import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import type { NessusClient } from '../nessus_client.ts';
import { id, listIn, number, text } from './fields.ts';

/** A Nessus agent. */
export interface Agent {
  id: number;
  name?: string | null | undefined;
  uuid?: string | null | undefined;
  ip?: string | null | undefined;
  platform?: string | null | undefined;
  distro?: string | null | undefined;
  /** `online` or `offline`. */
  status?: string | null | undefined;
  core_version?: string | null | undefined;
  plugin_feed_id?: string | null | undefined;
  /** Unix seconds. */
  linked_on?: number | null | undefined;
  /** Unix seconds. */
  last_connect?: number | null | undefined;
  /** Unix seconds. */
  last_scanned?: number | null | undefined;
  groups?: unknown;
}

const AgentSchema: v.GenericSchema<unknown, Agent> = v.looseObject({
  id,
  name: text,
  uuid: text,
  ip: text,
  platform: text,
  distro: text,
  status: text,
  core_version: text,
  plugin_feed_id: text,
  linked_on: number,
  last_connect: number,
  last_scanned: number,
  groups: v.optional(v.unknown()),
});

const AgentsSchema: v.GenericSchema<unknown, Agent[]> = listIn('agents', AgentSchema);

/** One agent comes in a list too. */
const OneAgentSchema: v.GenericSchema<unknown, [Agent]> = v.pipe(
  v.looseObject({ agents: v.tuple([AgentSchema]) }),
  v.transform(({ agents }) => agents),
);

/** One page of agents. */
export interface AgentQuery {
  /** From 0. @default 0 */
  offset?: number | undefined;
  /** @default 1000 */
  limit?: number | undefined;
  sortBy?: string | undefined;
  sortOrder?: 'asc' | 'desc' | undefined;
}

/** Agents of a page where none is asked for. */
const PAGE_SIZE = 1000;

/** GET /agents: a page of agents. */
export function listAgents(
  client: NessusClient,
  query: AgentQuery = {},
  options: CallOptions = {},
): Promise<Agent[]> {
  const sort = query.sortBy === undefined ? undefined : `${query.sortBy}:${query.sortOrder ?? 'asc'}`;
  return client.call(AgentsSchema, 'GET', '/agents', {
    ...options,
    query: { offset: query.offset ?? 0, limit: query.limit ?? PAGE_SIZE, sort },
  });
}

/** All agents, a page at a time. */
export async function* iterateAgents(
  client: NessusClient,
  { pageSize = PAGE_SIZE, ...options }: CallOptions & { pageSize?: number } = {},
): AsyncGenerator<Agent> {
  for (let offset = 0; ; offset += pageSize) {
    const page = await listAgents(client, { offset, limit: pageSize }, options);
    yield* page;
    if (page.length < pageSize) return;
  }
}

/** GET /agents/{id}: one agent. */
export async function getAgent(
  client: NessusClient,
  agentId: number,
  options: CallOptions = {},
): Promise<Agent> {
  const [agent] = await client.call(OneAgentSchema, 'GET', `/agents/${agentId}`, options);
  return agent;
}

/** DELETE /agents/{id}: removes an agent. */
export function deleteAgent(client: NessusClient, agentId: number, options: CallOptions = {}): Promise<void> {
  return client.run('DELETE', `/agents/${agentId}`, options);
}

/** DELETE /agents: removes several agents. */
export function deleteAgents(
  client: NessusClient,
  agentIds: readonly number[],
  options: CallOptions = {},
): Promise<void> {
  return client.run('DELETE', '/agents', { ...options, body: { ids: agentIds } });
}

/** DELETE /agents/{id}/unlink: unlinks an agent; what it found stays. */
export function unlinkAgent(client: NessusClient, agentId: number, options: CallOptions = {}): Promise<void> {
  return client.run('DELETE', `/agents/${agentId}/unlink`, options);
}

/** DELETE /agents/unlink: unlinks several agents. */
export function unlinkAgents(
  client: NessusClient,
  agentIds: readonly number[],
  options: CallOptions = {},
): Promise<void> {
  return client.run('DELETE', '/agents/unlink', { ...options, body: { ids: agentIds } });
}
