import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import type { NessusClient } from '../nessus_client.ts';
import { id, listIn, number, text } from './fields.ts';

/** A group of agents. */
export interface AgentGroup {
  id: number;
  name: string;
  uuid?: string | null | undefined;
  owner?: string | null | undefined;
  agents_count?: number | null | undefined;
  agents?: unknown;
}

const GroupSchema: v.GenericSchema<unknown, AgentGroup> = v.looseObject({
  id,
  name: v.string(),
  uuid: text,
  owner: text,
  agents_count: number,
  agents: v.optional(v.unknown()),
});

const GroupsSchema = listIn('groups', GroupSchema);

/** GET /agent-groups: the groups of agents. */
export function listAgentGroups(client: NessusClient, options: CallOptions = {}): Promise<AgentGroup[]> {
  return client.call(GroupsSchema, 'GET', '/agent-groups', options);
}

/** GET /agent-groups/{id}: a group with its agents. */
export function getAgentGroup(
  client: NessusClient,
  groupId: number,
  options: CallOptions = {},
): Promise<AgentGroup> {
  return client.call(GroupSchema, 'GET', `/agent-groups/${groupId}`, options);
}

/** POST /agent-groups: makes a group. */
export function createAgentGroup(
  client: NessusClient,
  name: string,
  options: CallOptions = {},
): Promise<AgentGroup> {
  return client.call(GroupSchema, 'POST', '/agent-groups', { ...options, body: { name } });
}

/** PUT /agent-groups/{id}: gives a group another name. */
export function renameAgentGroup(
  client: NessusClient,
  groupId: number,
  name: string,
  options: CallOptions = {},
): Promise<void> {
  return client.run('PUT', `/agent-groups/${groupId}`, { ...options, body: { name } });
}

/** DELETE /agent-groups/{id}: removes a group; its agents stay. */
export function deleteAgentGroup(
  client: NessusClient,
  groupId: number,
  options: CallOptions = {},
): Promise<void> {
  return client.run('DELETE', `/agent-groups/${groupId}`, options);
}

/** DELETE /agent-groups: removes several groups. */
export function deleteAgentGroups(
  client: NessusClient,
  groupIds: readonly number[],
  options: CallOptions = {},
): Promise<void> {
  return client.run('DELETE', '/agent-groups', { ...options, body: { ids: groupIds } });
}

/** PUT /agent-groups/{id}/agents/{agent_id}: puts an agent into a group. */
export function addAgentToGroup(
  client: NessusClient,
  groupId: number,
  agentId: number,
  options: CallOptions = {},
): Promise<void> {
  return client.run('PUT', `/agent-groups/${groupId}/agents/${agentId}`, options);
}

/** PUT /agent-groups/{id}/agents: puts several agents into a group. */
export function addAgentsToGroup(
  client: NessusClient,
  groupId: number,
  agentIds: readonly number[],
  options: CallOptions = {},
): Promise<void> {
  return client.run('PUT', `/agent-groups/${groupId}/agents`, { ...options, body: { ids: agentIds } });
}

/** DELETE /agent-groups/{id}/agents/{agent_id}: takes an agent out of a group. */
export function removeAgentFromGroup(
  client: NessusClient,
  groupId: number,
  agentId: number,
  options: CallOptions = {},
): Promise<void> {
  return client.run('DELETE', `/agent-groups/${groupId}/agents/${agentId}`, options);
}

/** DELETE /agent-groups/{id}/agents: takes several agents out of a group. */
export function removeAgentsFromGroup(
  client: NessusClient,
  groupId: number,
  agentIds: readonly number[],
  options: CallOptions = {},
): Promise<void> {
  return client.run('DELETE', `/agent-groups/${groupId}/agents`, { ...options, body: { ids: agentIds } });
}
