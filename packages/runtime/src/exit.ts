import { type ErrorCode, isNmcpError } from '@nmcp/types';

/**
 * Exit codes by kind of failure: 2 usage or configuration error, 3 a dependency does not answer, 4 not found, 5 wrong state,
 * 6 denied by policy, 1 the rest.
 */
const EXIT_CODES: Partial<Record<ErrorCode, number>> = {
  invalid_input: 2,
  invalid_config: 2,
  unavailable: 3,
  scanner_unreachable: 3,
  storage: 3,
  not_found: 4,
  conflict: 5,
  not_ready: 5,
  invalid_transition: 5,
  policy_denied: 6,
};

/**
 * Runs an app's main function; an error becomes one line on standard error and an exit code.
 *
 * @param name of the program, put before the line
 */
export async function runApp(name: string, main: () => Promise<void>): Promise<void> {
  // a reader that stops early, such as head, is not a failure
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  try {
    await main();
  } catch (error) {
    const text = isNmcpError(error)
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
    process.stderr.write(`${name}: ${text}\n`);
    // what a library left open, as a connection that it was making, must not keep the program
    process.exit(isNmcpError(error) ? (EXIT_CODES[error.code] ?? 1) : 1);
  }
}

/** Calls a function at every SIGHUP, which would end the process otherwise. */
export function onHangup(action: () => Promise<void>): void {
  process.on('SIGHUP', () => void action());
}

/** Resolves at SIGINT or SIGTERM; a second one ends the process at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  });
}
