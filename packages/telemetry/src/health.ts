import { access, constants, mkdir } from 'node:fs/promises';
import { messageOf } from '@nmcp/types';

/** What /health answers. */
export interface HealthReport {
  status: 'healthy' | 'unhealthy';
  /** Each check's outcome: `true`, or `false` with its reason in {@linkcode errors}. */
  checks: Record<string, boolean>;
  errors?: Record<string, string>;
  timestamp: string;
}

/** A check: resolves when all is well. */
export type HealthCheck = () => Promise<void>;

const CHECK_TIMEOUT_MS = 5000;

/** Runs checks side by side, each for at most five seconds. */
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
