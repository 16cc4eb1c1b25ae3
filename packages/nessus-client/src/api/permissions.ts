import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import type { NessusClient } from '../nessus_client.ts';
import { listIn, number, part, text } from './fields.ts';

/** Who may do what with a thing. */
export interface AccessRule {
  /** `default`, `user` or `group`. */
  type: string;
  permissions: number;
  id?: number | null | undefined;
  name?: string | null | undefined;
  owner?: number | null | undefined;
}

const RuleSchema: v.GenericSchema<unknown, AccessRule> = v.looseObject({
  type: v.string(),
  permissions: v.number(),
  id: number,
  name: text,
  owner: number,
});

/** Versions differ in whether the list stands alone. */
const RulesSchema: v.GenericSchema<unknown, AccessRule[]> = v.union([
  v.array(RuleSchema),
  listIn('acls', RuleSchema),
]);

/** GET /permissions/{type}/{id}: who may do what with a scanner or another thing. */
export function getPermissions(
  client: NessusClient,
  type: string,
  id: number,
  options: CallOptions = {},
): Promise<AccessRule[]> {
  return client.call(RulesSchema, 'GET', `/permissions/${part(type)}/${id}`, options);
}

/** PUT /permissions/{type}/{id}: replaces these rules. */
export function setPermissions(
  client: NessusClient,
  type: string,
  id: number,
  acls: readonly AccessRule[],
  options: CallOptions = {},
): Promise<void> {
  return client.run('PUT', `/permissions/${part(type)}/${id}`, { ...options, body: { acls } });
}
