import { lookup } from 'node:dns/promises';
import { messageOf, NmcpError } from '@nmcp/types';

/** Codes of a lookup that says that there is no such name; the others say that nobody could be asked. */
const NO_SUCH_NAME = new Set(['ENOTFOUND', 'ENODATA']);

/** All addresses of a name, as this machine finds them. @throws {NmcpError} `unavailable` when nobody can be asked */
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
