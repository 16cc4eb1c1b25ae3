import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { NmcpError } from '@nmcp/types/core';

/**
 * Rejects a file that others can read or change: it holds secrets, or decides who may do what.
 *
 * @throws {NmcpError} `invalid_config` saying how to fix it; the system's error when there is no such file
 */
export async function requirePrivate(path: string): Promise<void> {
  refuseMode(path, (await stat(path)).mode);
}

/** {@linkcode requirePrivate} for a program that starts. */
export function requirePrivateSync(path: string): void {
  refuseMode(path, statSync(path).mode);
}

function refuseMode(path: string, mode: number): void {
  if ((mode & 0o077) === 0) return;
  throw new NmcpError(
    'invalid_config',
    `${path} can be read or changed by others (mode ${(mode & 0o777).toString(8)}); run: chmod 600 ${path}`,
    { title: 'Invalid configuration' },
  );
}
