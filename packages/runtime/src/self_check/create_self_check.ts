import { type CheckResult, checked, type SelfCheck, type Services } from '@nmcp/scans';
import type { Settings } from '@nmcp/settings';
import type { Environment } from '../configured_scanners.ts';
import type { State } from '../state/state.ts';
import { checkBucket } from './bucket_check.ts';
import { checkDatabase } from './database_check.ts';
import { checkAccess, checkConfiguration, checkDisk } from './local_checks.ts';
import { checkCredentials, checkPolicy, checkQueue, checkScanners, checkWorkers } from './service_checks.ts';

/** Milliseconds for which what was found serves again. */
const KNOWN_MS = 60_000;

/** What a check needs to know. */
export interface CheckedInstallation {
  settings: Settings;
  environment: Environment;
  state: State;
}

/** Checks of what is on this machine and in the state; they only read. */
export async function checkFiles({
  settings,
  environment,
  state,
}: CheckedInstallation): Promise<CheckResult[]> {
  const found = await Promise.all([
    checked('data directory', () => checkDisk(settings)),
    checked('access', async () => checkAccess(settings, await state.tokens.list())),
    checked('database', () => checkDatabase(settings, state)),
    checked('results', () => checkBucket(state)),
    checked('configuration', () => checkConfiguration(settings, environment)),
  ]);
  return found.flat();
}

/** Checks of what a process has opened; they only read. */
export async function checkOpened(
  services: Services,
  { settings, state }: CheckedInstallation,
): Promise<CheckResult[]> {
  const found = await Promise.all([
    checked('queue', () => checkQueue(services)),
    checked('policy', () => checkPolicy(services, settings, state)),
    checked('credentials', () => checkCredentials(services, settings)),
    checked('scanners', () => checkScanners(services)),
    checked('workers', () => checkWorkers(services)),
  ]);
  return found.flat();
}

/** The self-check of a server: the same checks as `nmcp-admin doctor` makes, at most once a minute. */
export function createSelfCheck(services: () => Services, installation: CheckedInstallation): SelfCheck {
  let known: { results: Promise<readonly CheckResult[]>; at: number } | undefined;
  let last: readonly CheckResult[] | undefined;
  return {
    get last() {
      return last;
    },
    results({ fresh = false } = {}) {
      if (!fresh && known && performance.now() - known.at < KNOWN_MS) return known.results;
      const results = Promise.all([checkFiles(installation), checkOpened(services(), installation)]).then(
        (found) => {
          last = found.flat();
          return last;
        },
      );
      known = { results, at: performance.now() };
      return results;
    },
  };
}
