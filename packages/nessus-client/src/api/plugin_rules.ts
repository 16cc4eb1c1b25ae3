import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import type { NessusClient } from '../nessus_client.ts';
import { id, listIn, text } from './fields.ts';

/** What a rule does to a plugin's findings. */
export type PluginRuleType =
  | 'recast_critical'
  | 'recast_high'
  | 'recast_medium'
  | 'recast_low'
  | 'recast_info'
  | 'exclude';

/** A rule that changes a plugin's findings. */
export interface PluginRule {
  id: number;
  plugin_id: string | number;
  type: string;
  /** Empty for all hosts. */
  host?: string | null | undefined;
  /** When it ends, in Unix seconds. */
  date?: number | string | null | undefined;
}

/** What a rule is made of. */
export interface PluginRuleContent {
  pluginId: number;
  type: PluginRuleType;
  /** @default all hosts */
  host?: string | undefined;
  /** When it ends, in Unix seconds. @default never */
  until?: number | undefined;
}

const RuleSchema: v.GenericSchema<unknown, PluginRule> = v.looseObject({
  id,
  plugin_id: v.union([v.string(), v.number()]),
  type: v.string(),
  host: text,
  date: v.nullish(v.union([v.number(), v.string()])),
});
const RulesSchema = listIn('plugin_rules', RuleSchema);

const bodyOf = ({ pluginId, type, host = '', until }: PluginRuleContent): Record<string, unknown> => ({
  plugin_id: String(pluginId),
  type,
  host,
  date: until ?? null,
});

/** GET /plugin-rules: the rules of the user. */
export function listPluginRules(client: NessusClient, options: CallOptions = {}): Promise<PluginRule[]> {
  return client.call(RulesSchema, 'GET', '/plugin-rules', options);
}

/** GET /plugin-rules/{id}: one rule. */
export function getPluginRule(
  client: NessusClient,
  ruleId: number,
  options: CallOptions = {},
): Promise<PluginRule> {
  return client.call(RuleSchema, 'GET', `/plugin-rules/${ruleId}`, options);
}

/** POST /plugin-rules: makes a rule. */
export function createPluginRule(
  client: NessusClient,
  rule: PluginRuleContent,
  options: CallOptions = {},
): Promise<void> {
  return client.run('POST', '/plugin-rules', { ...options, body: bodyOf(rule) });
}

/** PUT /plugin-rules/{id}: replaces a rule. */
export function updatePluginRule(
  client: NessusClient,
  ruleId: number,
  rule: PluginRuleContent,
  options: CallOptions = {},
): Promise<void> {
  return client.run('PUT', `/plugin-rules/${ruleId}`, { ...options, body: bodyOf(rule) });
}

/** DELETE /plugin-rules/{id}: removes a rule. */
export function deletePluginRule(
  client: NessusClient,
  ruleId: number,
  options: CallOptions = {},
): Promise<void> {
  return client.run('DELETE', `/plugin-rules/${ruleId}`, options);
}

/** DELETE /plugin-rules: removes several rules. */
export function deletePluginRules(
  client: NessusClient,
  ruleIds: readonly number[],
  options: CallOptions = {},
): Promise<void> {
  return client.run('DELETE', '/plugin-rules', { ...options, body: { ids: ruleIds } });
}
