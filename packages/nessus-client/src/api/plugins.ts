import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import type { NessusClient } from '../nessus_client.ts';
import { id, listIn, number, text } from './fields.ts';

/** A family of plugins. */
export interface PluginFamily {
  id: number;
  name: string;
  /** Number of its plugins. */
  count?: number | null | undefined;
}

/** A plugin in its family's list. */
export interface PluginEntry {
  id: number;
  name: string;
}

/** A plugin. */
export interface Plugin extends PluginEntry {
  family_name?: string | null | undefined;
  /** Such as `{attribute_name: "cve", attribute_value: "CVE-2021-44228"}`. */
  attributes: { attribute_name: string; attribute_value: string }[];
}

const FamiliesSchema = listIn('families', v.looseObject({ id: id, name: v.string(), count: number }));
const EntrySchema: v.GenericSchema<unknown, PluginEntry> = v.looseObject({
  id,
  name: v.string(),
});
const FamilySchema: v.GenericSchema<unknown, PluginFamily & { plugins: PluginEntry[] }> = v.looseObject({
  id,
  name: v.string(),
  plugins: v.array(EntrySchema),
});
const PluginSchema: v.GenericSchema<unknown, Plugin> = v.looseObject({
  id,
  name: v.string(),
  family_name: text,
  attributes: v.array(v.looseObject({ attribute_name: v.string(), attribute_value: v.string() })),
});

/** GET /plugins/families: the families of plugins. */
export function listPluginFamilies(client: NessusClient, options: CallOptions = {}): Promise<PluginFamily[]> {
  return client.call(FamiliesSchema, 'GET', '/plugins/families', options);
}

/** GET /plugins/families/{id}: a family with its plugins. */
export function getPluginFamily(
  client: NessusClient,
  familyId: number,
  options: CallOptions = {},
): Promise<PluginFamily & { plugins: PluginEntry[] }> {
  return client.call(FamilySchema, 'GET', `/plugins/families/${familyId}`, options);
}

/** GET /plugins/plugin/{id}: a plugin with its attributes. */
export function getPlugin(
  client: NessusClient,
  pluginId: number,
  options: CallOptions = {},
): Promise<Plugin> {
  return client.call(PluginSchema, 'GET', `/plugins/plugin/${pluginId}`, options);
}

/** All plugins, family by family. */
export async function* iteratePlugins(
  client: NessusClient,
  options: CallOptions = {},
): AsyncGenerator<PluginEntry & { family: string }> {
  for (const family of await listPluginFamilies(client, options)) {
    const { plugins } = await getPluginFamily(client, family.id, options);
    for (const plugin of plugins) yield { ...plugin, family: family.name };
  }
}
