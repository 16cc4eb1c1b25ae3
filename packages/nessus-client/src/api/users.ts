import * as v from 'valibot';
import type { ApiKeys } from '../authentication.ts';
import type { CallOptions } from '../call.ts';
import { checkRequest } from '../check_request.ts';
import type { NessusClient } from '../nessus_client.ts';
import { id, listIn, number, text } from './fields.ts';

/** A user of the scanner. */
export interface User {
  id: number;
  username: string;
  name?: string | null | undefined;
  email?: string | null | undefined;
  /** `local` or `ldap`. */
  type?: string | null | undefined;
  /** 16 basic, 32 standard, 64 administrator, 128 system administrator. */
  permissions?: number | null | undefined;
  /** Unix seconds. */
  lastlogin?: number | null | undefined;
}

/** What a user is made of. */
export interface NewUser {
  username: string;
  password: string;
  /** 16 basic, 32 standard, 64 administrator. */
  permissions: number;
  /** @default "local" */
  type?: 'local' | 'ldap';
  name?: string;
  email?: string;
}

/** Schema of a {@linkcode User}. */
export const UserSchema: v.GenericSchema<unknown, User> = v.looseObject({
  id,
  username: v.string(),
  name: text,
  email: text,
  type: text,
  permissions: number,
  lastlogin: number,
});

const NewUserSchema = v.object({
  username: v.pipe(v.string(), v.minLength(1, 'is empty')),
  password: v.pipe(v.string(), v.minLength(1, 'is empty')),
  permissions: v.number(),
  type: v.optional(v.picklist(['local', 'ldap']), 'local'),
  name: v.optional(v.string()),
  email: v.optional(v.string()),
});
const UsersSchema = listIn('users', UserSchema);
const KeysSchema: v.GenericSchema<unknown, ApiKeys> = v.looseObject({
  accessKey: v.string(),
  secretKey: v.string(),
});

/** GET /users: all users. */
export function listUsers(client: NessusClient, options: CallOptions = {}): Promise<User[]> {
  return client.call(UsersSchema, 'GET', '/users', options);
}

/** GET /users/{id}: one user. */
export function getUser(client: NessusClient, userId: number, options: CallOptions = {}): Promise<User> {
  return client.call(UserSchema, 'GET', `/users/${userId}`, options);
}

/** POST /users: makes a user. */
export function createUser(client: NessusClient, user: NewUser, options: CallOptions = {}): Promise<User> {
  const body = checkRequest(NewUserSchema, user, 'createUser');
  return client.call(UserSchema, 'POST', '/users', { ...options, body });
}

/** PUT /users/{id}: changes a user. */
export function updateUser(
  client: NessusClient,
  userId: number,
  change: { permissions: number; name?: string; email?: string },
  options: CallOptions = {},
): Promise<void> {
  return client.run('PUT', `/users/${userId}`, { ...options, body: { ...change } });
}

/** DELETE /users/{id}: removes a user. */
export function deleteUser(client: NessusClient, userId: number, options: CallOptions = {}): Promise<void> {
  return client.run('DELETE', `/users/${userId}`, options);
}

/** DELETE /users: removes several users. */
export function deleteUsers(
  client: NessusClient,
  userIds: readonly number[],
  options: CallOptions = {},
): Promise<void> {
  return client.run('DELETE', '/users', { ...options, body: { ids: userIds } });
}

/** PUT /users/{id}/chpasswd: gives a user another password. */
export function setUserPassword(
  client: NessusClient,
  userId: number,
  password: string,
  options: CallOptions = {},
): Promise<void> {
  return client.run('PUT', `/users/${userId}/chpasswd`, { ...options, body: { password } });
}

/** PUT /users/{id}/keys: makes API keys for a user; earlier ones no longer work. */
export function createUserApiKeys(
  client: NessusClient,
  userId: number,
  options: CallOptions = {},
): Promise<ApiKeys> {
  return client.call(KeysSchema, 'PUT', `/users/${userId}/keys`, options);
}
