import { access, constants, mkdir } from 'node:fs/promises';
import { messageOf, type ScannerListing } from '@nmcp/types';

/** What /health answers. */
export interface HealthReport {
  status: 'healthy' | 'unhealthy';
  /** Each check's outcome: `true`, or `false` with its reason in {@linkcode errors}. */
  checks: Record<string, boolean>;
  errors?: Record<string, string>;
  timestamp: string;
}

/** A check: resolves if it passes, rejects with the reason otherwise. */
export type HealthCheck = () => Promise<void>;

/** A scanner's state, as /health shows it. */
export interface ScannerHealth {
  /** `pool:instance` */
  scanner: string;
  enabled: boolean;
  circuit: ScannerListing['circuit'];
  drained: boolean;
}

/** The state of the scanners: for people, and no cause for a restart, which would not bring them back. */
export async function scannersHealth(registry: {
  list(): Promise<ScannerListing[]>;
}): Promise<ScannerHealth[]> {
  const scanners = await registry.list().catch((): ScannerListing[] => []); // unknown without the store
  return scanners.map(({ instance_key: scanner, enabled, circuit, drained }) => ({
    scanner,
    enabled,
    circuit,
    drained,
  }));
}

const CHECK_TIMEOUT_MS = 5000;

/** Runs checks concurrently, each for at most five seconds. */
export async function checkHealth(checks: Readonly<Record<string, HealthCheck>>): Promise<HealthReport> {
  const report: HealthReport = { status: 'healthy', checks: {}, timestamp: new Date().toISOString() };
  await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const reason = await runCheck(check);
      report.checks[name] = reason === undefined;
      if (reason === undefined) return;
      report.status = 'unhealthy';
      report.errors = { ...report.errors, [name]: reason };
    }),
  );
  return report;
}

async function runCheck(check: HealthCheck): Promise<string | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${CHECK_TIMEOUT_MS} ms`), CHECK_TIMEOUT_MS);
  });
  const done = check().then(() => undefined, messageOf);
  const reason = await Promise.race([done, late]);
  clearTimeout(timer);
  return reason;
}

/** A check that a folder can be written to. */
export function folderIsWritable(path: string): HealthCheck {
  return async () => {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.W_OK);
  };
}
