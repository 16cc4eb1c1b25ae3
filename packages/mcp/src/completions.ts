import type { Caller } from '@nmcp/access';
import {
  getNetwork,
  listHosts,
  listPools,
  listScans,
  mayCall,
  type Services,
  searchAssets,
} from '@nmcp/scans';
import { isTaskId, type ScanState } from '@nmcp/types';

/** Values that a completion offers. */
const MAX_COMPLETIONS = 100;
/** Scans among which they are looked for: those whose name has the text are no completions. */
const LOOKED_AT = 1000;

/** Ids of the caller's tasks, newest first. */
export async function completeTaskId(
  services: Services,
  caller: Caller,
  text: string,
  status?: ScanState,
): Promise<string[]> {
  if (!mayCall(services, caller, listScans)) return [];
  const { tasks } = await listScans(services, caller, { status, text, limit: LOOKED_AT });
  return matching(
    tasks.map(({ task_id }) => task_id),
    text,
  );
}

/** Hosts of a completed scan. */
export async function completeHost(
  services: Services,
  caller: Caller,
  text: string,
  task_id: string | undefined,
): Promise<string[]> {
  if (task_id === undefined || !isTaskId(task_id)) return [];
  return matching(await listHosts(services, caller, { task_id }).catch(() => []), text);
}

/** Zones of the inventory. */
export async function completeZone(services: Services, caller: Caller, text: string): Promise<string[]> {
  const network = await getNetwork(services, caller, {}).catch(() => undefined);
  return matching(Object.keys(network?.zones ?? {}), text);
}

/** Assets of a zone, those with the worst findings first. */
export async function completeAsset(
  services: Services,
  caller: Caller,
  text: string,
  zone: string | undefined,
): Promise<string[]> {
  const query = { page: 1, page_size: MAX_COMPLETIONS, ...(text === '' ? {} : { network: text }) };
  const found = await searchAssets(services, caller, query).catch(() => undefined);
  const own = (found?.assets ?? []).filter((asset) => zone === undefined || asset.zone === zone);
  return matching(
    own.map(({ host, identity = host }) => identity),
    text,
  );
}

/** Pools that the caller may use. */
export async function completePool(services: Services, caller: Caller, text: string): Promise<string[]> {
  if (!mayCall(services, caller, listPools)) return [];
  return matching((await listPools(services, caller, {})).pools, text);
}

function matching(values: readonly string[], text: string): string[] {
  return values.filter((value) => value.startsWith(text)).slice(0, MAX_COMPLETIONS);
}
