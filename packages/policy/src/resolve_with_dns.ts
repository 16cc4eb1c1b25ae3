import { lookup } from 'node:dns/promises';
import { messageOf, NmcpError } from '@nmcp/types';

/** The addresses of a host name, all of them. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** Error codes for a name that does not exist; all others mean that DNS did not answer. */
const NO_SUCH_NAME = new Set(['ENOTFOUND', 'ENODATA']);

/** All addresses of a name, as this machine resolves it. @throws {NmcpError} `unavailable` when DNS does not answer */
export async function resolveWithDns(name: string): Promise<string[]> {
  try {
    return (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (NO_SUCH_NAME.has(code)) return [];
    throw new NmcpError(
      'unavailable',
      `The host name ${name} cannot be resolved at the moment: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}
