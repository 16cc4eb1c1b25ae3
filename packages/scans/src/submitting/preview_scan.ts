import { type Caller, hasScope } from '@nmcp/access';
import { NmcpError, type ScanType } from '@nmcp/types';
import { type Operation, operation } from '../operation.ts';
import { requirePool } from '../ownership.ts';
import type { Services } from '../services.ts';
import { hasDayLimit, hostsOfLastDay } from './day_limit.ts';

/** A scan to be checked, not submitted. */
export interface PreviewScanInput {
  targets: string;
  scanner_pool: string;
  /** Name of named credentials. */
  credential_ref?: string | undefined;
}

/** How the policy would decide about a scan. */
export interface ScanPreview {
  /** What would be launched: names pinned to the addresses that were checked. */
  targets: string;
  addresses: bigint;
  scan_type: ScanType;
  /** Why it needs approval, and whether the caller may give it; absent if it needs none. */
  approval?: { reason: string; by: 'user' | 'operator' } | undefined;
}

/**
 * Says whether a scan would be accepted, as {@linkcode submitScan} would decide now. Nothing is written.
 *
 * @throws {NmcpError} as submitScan does for what it would reject
 */
export const previewScan: Operation<PreviewScanInput, ScanPreview> = operation(
  { name: 'preview_scan', scope: 'scan', toolsets: ['scan'] },
  async (services, caller, input) => {
    const { policy, registry } = services;
    const pool = requirePool(registry, input.scanner_pool, caller);
    const credentialed = input.credential_ref !== undefined;
    if (input.credential_ref !== undefined) await requireName(services, caller, pool, input.credential_ref);
    const question = { targets: input.targets, pool, caller: caller.name };
    const hostsToday = hasDayLimit(services, question) ? await hostsOfLastDay(services, caller.name) : 0n;
    const boundTo =
      input.credential_ref === undefined
        ? undefined
        : await services.credentials.targetsOf(input.credential_ref);
    const { targets, hosts } = await policy.admit({ ...question, hostsToday, boundTo });
    const need = policy.approvalNeed({ ...question, targets, credentialed });
    return {
      targets,
      addresses: hosts,
      scan_type: credentialed ? 'authenticated' : 'untrusted',
      ...(need ? { approval: need } : {}),
    };
  },
);

/** Secrets are fetched only when a scan is submitted. */
async function requireName(
  { credentials }: Services,
  caller: Caller,
  pool: string,
  name: string,
): Promise<void> {
  if (!hasScope(caller, 'scan:credentials'))
    throw new NmcpError(
      'policy_denied',
      'A scan with credentials needs the scope scan:credentials, which your token does not have',
      { title: 'Not allowed' },
    );
  const names = await credentials.names({ pool, caller: caller.name });
  if (names.includes(name)) return;
  throw new NmcpError(
    'not_found',
    `You have no credentials ${JSON.stringify(name.slice(0, 64))} in the pool ${pool}; available are: ${names.join(', ') || 'none'}`,
    { title: 'Credentials not found' },
  );
}
