import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import type { NessusClient } from '../nessus_client.ts';
import { id, listIn, number } from './fields.ts';
import { type User, UserSchema } from './users.ts';

/** A group of users. */
export interface UserGroup {
  id: number;
  name: string;
  user_count?: number | null | undefined;
  permissions?: number | null | undefined;
}

const GroupSchema: v.GenericSchema<unknown, UserGroup> = v.looseObject({
  id,
  name: v.string(),
  user_count: number,
  permissions: number,
});
const GroupsSchema = listIn('groups', GroupSchema);
const UsersSchema = listIn('users', UserSchema);

/** GET /groups: the groups of users. */
export function listGroups(client: NessusClient, options: CallOptions = {}): Promise<UserGroup[]> {
  return client.call(GroupsSchema, 'GET', '/groups', options);
}

/** POST /groups: makes a group. */
export function createGroup(
  client: NessusClient,
  name: string,
  options: CallOptions = {},
): Promise<UserGroup> {
  return client.call(GroupSchema, 'POST', '/groups', { ...options, body: { name } });
}

/** PUT /groups/{id}: gives a group another name. */
export function renameGroup(
  client: NessusClient,
  groupId: number,
  name: string,
  options: CallOptions = {},
): Promise<void> {
  return client.run('PUT', `/groups/${groupId}`, { ...options, body: { name } });
}

/** DELETE /groups/{id}: removes a group; its users stay. */
export function deleteGroup(client: NessusClient, groupId: number, options: CallOptions = {}): Promise<void> {
  return client.run('DELETE', `/groups/${groupId}`, options);
}

/** DELETE /groups: removes several groups. */
export function deleteGroups(
  client: NessusClient,
  groupIds: readonly number[],
  options: CallOptions = {},
): Promise<void> {
  return client.run('DELETE', '/groups', { ...options, body: { ids: groupIds } });
}

/** GET /groups/{id}/users: the users of a group. */
export function listGroupUsers(
  client: NessusClient,
  groupId: number,
  options: CallOptions = {},
): Promise<User[]> {
  return client.call(UsersSchema, 'GET', `/groups/${groupId}/users`, options);
}

/** POST /groups/{id}/users/{user_id}: puts a user into a group. */
export function addUserToGroup(
  client: NessusClient,
  groupId: number,
  userId: number,
  options: CallOptions = {},
): Promise<void> {
  return client.run('POST', `/groups/${groupId}/users/${userId}`, options);
}

/** DELETE /groups/{id}/users/{user_id}: takes a user out of a group. */
export function removeUserFromGroup(
  client: NessusClient,
  groupId: number,
  userId: number,
  options: CallOptions = {},
): Promise<void> {
  return client.run('DELETE', `/groups/${groupId}/users/${userId}`, options);
}
