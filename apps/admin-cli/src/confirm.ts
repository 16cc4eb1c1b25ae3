import { createInterface } from 'node:readline/promises';
import { NmcpError } from '@nmcp/types';

/**
 * Asks for confirmation.
 *
 * @throws {NmcpError} `invalid_input` without a terminal
 */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new NmcpError('invalid_input', `${question} There is no terminal to ask on; confirm with --yes`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
