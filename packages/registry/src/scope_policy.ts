import {
  createPolicy,
  findTemplate,
  getPlugin,
  getPolicy,
  listPluginFamilies,
  listPolicies,
  type NessusClient,
  TemplateNotFoundError,
  withMarker,
} from '@nmcp/nessus-client';
import { isNmcpError, NmcpError, type ScannerOnceOptions, type ScanScope } from '@nmcp/types';
import type { ScanSettingsConfig } from './scan_settings.ts';

/** Without these nobody knows what a scan looked at: which hosts answered, and how good the logins were. */
const ALWAYS = [10_180, 19_506];
/** Without them no port is known to be open, and plugins pass it over. */
const PORT_SCANNERS = 'Port scanners';
/** A template that has plugins to choose from. */
const WITH_PLUGINS = 'advanced';

/** What a policy is made of. */
export interface ScopePolicyOptions extends ScannerOnceOptions {
  scope: ScanScope;
  /** Of the scan, so that the policy is found again. */
  marker: string;
  /** What scans are otherwise made of. */
  config: ScanSettingsConfig;
}

/**
 * Makes the policy of a scan of some plugins, or finds the one that an earlier attempt has made. All other families are off; what
 * chosen plugins depend on is run by the scanner itself.
 *
 * @throws {NmcpError} `scanner_error` for a plugin that the scanner does not have
 */
export async function makeScopePolicy(
  client: NessusClient,
  { scope, marker, config, signal, confirm }: ScopePolicyOptions,
): Promise<{ uuid: string; policyId: number }> {
  const policies = await listPolicies(client, { signal });
  const made = policies.find(({ name, template_uuid }) => template_uuid && name.includes(marker));
  if (made?.template_uuid) return { uuid: made.template_uuid, policyId: made.id };
  const base = policies.find(({ name }) => name === config.policy);
  const { uuid, settings } = base
    ? await contentOf(client, base.id, signal)
    : { uuid: await templateOf(client, config.template, signal), settings: {} };
  const plugins = await pluginsOf(client, scope, signal);
  const policyId = await createPolicy(
    client,
    {
      uuid,
      settings: {
        ...settings,
        ...config.settings,
        ...(scope.ports === undefined ? {} : { portscan_range: scope.ports }),
        name: withMarker('Nessus MCP', marker),
        description: 'Made for one scan, and removed after it',
      },
      plugins,
    },
    { signal, beforeSend: confirm },
  );
  return { uuid, policyId };
}

/** Settings of a policy; its logins stay where they are. */
async function contentOf(
  client: NessusClient,
  policyId: number,
  signal: AbortSignal | undefined,
): Promise<{ uuid: string; settings: object }> {
  const { uuid, settings } = await getPolicy(client, policyId, { signal });
  if (typeof uuid === 'string')
    return { uuid, settings: typeof settings === 'object' && settings !== null ? settings : {} };
  throw new NmcpError('scanner_error', `The policy ${policyId} does not say which template it is of`);
}

async function templateOf(
  client: NessusClient,
  name: string = WITH_PLUGINS,
  signal: AbortSignal | undefined,
): Promise<string> {
  try {
    return (await findTemplate(client, 'policy', name, { signal })).uuid;
  } catch (error) {
    if (!(error instanceof TemplateNotFoundError) || name === WITH_PLUGINS) throw error;
    return await templateOf(client, WITH_PLUGINS, signal);
  }
}

/** Which families and plugins are on, as policies have it: https://developer.tenable.com, "plugins" of a policy. */
type Families = Record<string, { status: string; individual?: Record<string, string> }>;

async function pluginsOf(
  client: NessusClient,
  { plugins }: ScanScope,
  signal: AbortSignal | undefined,
): Promise<Families> {
  const families: Families = {};
  for (const { name } of await listPluginFamilies(client, { signal }))
    families[name] = { status: name === PORT_SCANNERS ? 'enabled' : 'disabled' };
  for (const id of new Set([...ALWAYS, ...plugins])) {
    const family = await familyOf(client, id, signal);
    if (family === undefined && plugins.includes(id))
      throw new NmcpError('scanner_error', `The scanner has no plugin ${id}`);
    if (family === undefined || family === PORT_SCANNERS) continue;
    const { individual } = families[family] ?? {};
    families[family] = { status: 'mixed', individual: { ...individual, [id]: 'enabled' } };
  }
  return families;
}

async function familyOf(
  client: NessusClient,
  id: number,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    return (await getPlugin(client, id, { signal })).family_name ?? undefined;
  } catch (error) {
    if (isNmcpError(error, 'not_found')) return undefined;
    throw error;
  }
}
