import {
  createScanPolicy,
  type PolicyDocument,
  readPolicy,
  resolveWithDns,
  type ScanPolicy,
} from '@nmcp/policy';
import type { PoolConfigs } from '@nmcp/registry';
import type { Settings } from '@nmcp/settings';
import { configuredPools, type Environment } from './configured_scanners.ts';

/** policy.yaml, or an empty one: private networks, at any time. @throws {NmcpError} `invalid_config` */
export async function readPolicyDocument({
  policyFile,
}: Pick<Settings, 'policyFile'>): Promise<PolicyDocument> {
  return policyFile === undefined ? {} : await readPolicy(policyFile);
}

/**
 * The policy as the servers apply it: scanners and the queue's store are not scanned by accident.
 *
 * @param pools the scanners; those that the settings name, where it is absent
 * @throws {NmcpError} `invalid_config`
 */
export async function openPolicy(
  settings: Settings,
  environment: Environment,
  pools?: PoolConfigs,
): Promise<ScanPolicy> {
  return createScanPolicy({
    document: await readPolicyDocument(settings),
    resolve: resolveWithDns,
    own: ownHosts(pools ?? (await configuredPools(settings, environment, () => {})), settings.redisUrl),
  });
}

/** Hosts that must not be scanned by accident. */
export function ownHosts(pools: PoolConfigs, redisUrl: string | undefined): string[] {
  const urls = [...pools.values()].flat().map(({ url }) => url);
  if (redisUrl !== undefined) urls.push(redisUrl);
  return urls.flatMap((url) => (URL.canParse(url) ? [new URL(url).hostname.replace(/^\[|\]$/g, '')] : []));
}
