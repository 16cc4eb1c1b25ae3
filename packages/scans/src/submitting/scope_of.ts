import type { Caller } from '@nmcp/access';
import { NmcpError, type RunUntrustedScanInput, type ScanScope } from '@nmcp/types';
import { askInventory } from '../inventory/ask_inventory.ts';
import type { Services } from '../services.ts';

/**
 * What a scan is restricted to, where its request says so. One that verifies a finding looks at that plugin and port alone.
 *
 * @throws {NmcpError} `not_found` for a finding that the caller does not see; `invalid_input` for other targets than its host;
 *   `unavailable`, `storage` of the inventory
 */
export async function scopeOf(
  services: Services,
  caller: Caller,
  { plugin_ids = [], verify, targets }: RunUntrustedScanInput,
  signal: AbortSignal,
): Promise<ScanScope | undefined> {
  if (verify === undefined)
    return plugin_ids.length === 0 ? undefined : { plugins: [...new Set(plugin_ids)] };
  const finding = await askInventory(services, caller, 'to_verify', { id: verify }, signal);
  if (!finding)
    throw new NmcpError(
      'not_found',
      `verify: the inventory has no finding ${JSON.stringify(verify.slice(0, 200))}; ids are such as nessus/10.0.0.5/443/tcp/57608, as findings over all scans have them`,
      { title: 'Finding not found' },
    );
  const { host, names, plugin, port, protocol } = finding;
  const wanted = targets.trim().toLowerCase();
  if (![host, ...names].some((name) => name.toLowerCase() === wanted))
    throw new NmcpError(
      'invalid_input',
      `targets: the finding to verify is on ${host}, so that is what to scan`,
      { title: 'Invalid input' },
    );
  return {
    plugins: [...new Set([...plugin_ids, plugin])],
    ...(port === 0 || plugin_ids.length > 0 ? {} : { ports: `${protocol === 'udp' ? 'U' : 'T'}:${port}` }),
    finding: verify,
  };
}
