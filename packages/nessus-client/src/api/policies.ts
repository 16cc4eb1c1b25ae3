import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import { checkRequest } from '../check_request.ts';
import type { NessusClient } from '../nessus_client.ts';
import { fieldOf, id, listIn, number, seconds, text } from './fields.ts';

/** A saved set of scan settings. */
export interface Policy {
  id: number;
  name: string;
  description?: string | null | undefined;
  template_uuid?: string | null | undefined;
  owner?: string | null | undefined;
  visibility?: string | null | undefined;
  user_permissions?: number | null | undefined;
  /** Unix seconds. */
  creation_date?: number | null | undefined;
  /** Unix seconds. */
  last_modification_date?: number | null | undefined;
}

const PolicySchema: v.GenericSchema<unknown, Policy> = v.looseObject({
  id,
  name: v.string(),
  description: text,
  template_uuid: text,
  owner: text,
  visibility: text,
  user_permissions: number,
  creation_date: seconds,
  last_modification_date: seconds,
});

/** What a policy is made of. Its settings differ by template. */
export interface PolicyContent {
  /** Of the template; see `listTemplates(client, 'policy')`. */
  uuid: string;
  settings: { name: string; description?: string | undefined; [setting: string]: unknown };
  [section: string]: unknown;
}

const PolicyContentSchema: v.GenericSchema<unknown, PolicyContent> = v.looseObject({
  uuid: v.pipe(v.string(), v.minLength(1, 'is empty')),
  settings: v.looseObject({
    name: v.pipe(v.string(), v.minLength(1, 'is empty')),
    description: v.optional(v.string()),
  }),
});

const PoliciesSchema = listIn('policies', PolicySchema);
const CreatedSchema: v.GenericSchema<unknown, { policy_id: number; policy_name: string }> = v.looseObject({
  policy_id: id,
  policy_name: v.string(),
});
const DeletedSchema = listIn('deleted', id);
const TokenSchema = fieldOf('token', v.string());

/** GET /policies: the policies that the user may see. */
export function listPolicies(client: NessusClient, options: CallOptions = {}): Promise<Policy[]> {
  return client.call(PoliciesSchema, 'GET', '/policies', options);
}

/** GET /policies/{id}: a policy with its settings, whose shape differs by template. */
export function getPolicy(
  client: NessusClient,
  policyId: number,
  options: CallOptions = {},
): Promise<Record<string, unknown>> {
  return client.call(v.looseObject({}), 'GET', `/policies/${policyId}`, options);
}

/** POST /policies: makes a policy and answers its id. */
export async function createPolicy(
  client: NessusClient,
  policy: PolicyContent,
  options: CallOptions = {},
): Promise<number> {
  const body = checkRequest(PolicyContentSchema, policy, 'createPolicy');
  return (await client.call(CreatedSchema, 'POST', '/policies', { ...options, body })).policy_id;
}

/** PUT /policies/{id}: changes a policy. */
export function updatePolicy(
  client: NessusClient,
  policyId: number,
  policy: PolicyContent,
  options: CallOptions = {},
): Promise<void> {
  const body = checkRequest(PolicyContentSchema, policy, 'updatePolicy');
  return client.run('PUT', `/policies/${policyId}`, { ...options, body });
}

/** POST /policies/{id}/copy: copies a policy. */
export function copyPolicy(
  client: NessusClient,
  policyId: number,
  options: CallOptions = {},
): Promise<Policy> {
  return client.call(PolicySchema, 'POST', `/policies/${policyId}/copy`, options);
}

/** DELETE /policies/{id}: removes a policy. */
export function deletePolicy(
  client: NessusClient,
  policyId: number,
  options: CallOptions = {},
): Promise<void> {
  return client.run('DELETE', `/policies/${policyId}`, options);
}

/** DELETE /policies: removes several policies and answers the ids of those that are gone. */
export function deletePolicies(
  client: NessusClient,
  policyIds: readonly number[],
  options: CallOptions = {},
): Promise<number[]> {
  return client.call(DeletedSchema, 'DELETE', '/policies', { ...options, body: { ids: policyIds } });
}

/** POST /policies/import: makes a policy of a file that was uploaded with `uploadFile`. */
export function importPolicy(
  client: NessusClient,
  uploadedFile: string,
  options: CallOptions = {},
): Promise<Policy> {
  return client.call(PolicySchema, 'POST', '/policies/import', { ...options, body: { file: uploadedFile } });
}

/** GET /policies/{id}/export/prepare: asks for a policy's file and answers the token for `downloadToken`. */
export function preparePolicyExport(
  client: NessusClient,
  policyId: number,
  options: CallOptions = {},
): Promise<string> {
  return client.call(TokenSchema, 'GET', `/policies/${policyId}/export/prepare`, options);
}
