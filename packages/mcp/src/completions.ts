import type { Caller } from '@nmcp/access';
import { listHosts, listPools, listScans, mayCall, type Services } from '@nmcp/scans';
import { isTaskId, type ScanState } from '@nmcp/types';

/** Values that a completion offers. */
const MAX_COMPLETIONS = 100;

/** Ids of the caller's tasks, newest first. */
export async function completeTaskId(
  services: Services,
  caller: Caller,
  text: string,
  status?: ScanState,
): Promise<string[]> {
  if (!mayCall(services, caller, listScans)) return [];
  const tasks = await listScans(services, caller, { status });
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

/** Pools that the caller may use. */
export async function completePool(services: Services, caller: Caller, text: string): Promise<string[]> {
  if (!mayCall(services, caller, listPools)) return [];
  return matching((await listPools(services, caller, {})).pools, text);
}

function matching(values: readonly string[], text: string): string[] {
  return values.filter((value) => value.startsWith(text)).slice(0, MAX_COMPLETIONS);
}
