import * as v from 'valibot';
import type { ApiKeys } from '../authentication.ts';
import type { CallOptions } from '../call.ts';
import type { NessusClient } from '../nessus_client.ts';
import { number, text } from './fields.ts';

/** The user of the session or of the API keys. */
export interface Session {
  username?: string | null | undefined;
  name?: string | null | undefined;
  email?: string | null | undefined;
  /** `local` or `ldap`. */
  type?: string | null | undefined;
  /** 16 basic, 32 standard, 64 administrator, 128 system administrator. */
  permissions?: number | null | undefined;
}

const SessionSchema: v.GenericSchema<unknown, Session> = v.looseObject({
  username: text,
  name: text,
  email: text,
  type: text,
  permissions: number,
});

const KeysSchema: v.GenericSchema<unknown, ApiKeys> = v.looseObject({
  accessKey: v.string(),
  secretKey: v.string(),
});

/** GET /session: who the client is logged in as. */
export function getSession(client: NessusClient, options: CallOptions = {}): Promise<Session> {
  return client.call(SessionSchema, 'GET', '/session', options);
}

/** PUT /session: changes the name or the e-mail address of the user. */
export function updateSession(
  client: NessusClient,
  change: { name?: string; email?: string },
  options: CallOptions = {},
): Promise<void> {
  return client.run('PUT', '/session', { ...options, body: { ...change } });
}

/** PUT /session/chpasswd: changes the user's password. */
export function changePassword(
  client: NessusClient,
  passwords: { current: string; next: string },
  options: CallOptions = {},
): Promise<void> {
  const body = { password: passwords.next, current_password: passwords.current };
  return client.run('PUT', '/session/chpasswd', { ...options, body });
}

/** PUT /session/keys: makes API keys for the user; earlier ones no longer work. */
export function createApiKeys(client: NessusClient, options: CallOptions = {}): Promise<ApiKeys> {
  return client.call(KeysSchema, 'PUT', '/session/keys', options);
}

/** DELETE /session: ends the session; the next call logs in again. Without a session it does nothing. */
export function endSession(client: NessusClient): Promise<void> {
  return client.close();
}
