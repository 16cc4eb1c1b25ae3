import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openTokenFile, ROLES, type Scope } from '@nmcp/access';

/** Makes a token as `nmcp-admin token create` does, which has tests of its own. @returns the token */
export async function makeToken(
  dataDir: string,
  name: string,
  scopes: readonly Scope[] = ROLES.scanner,
  pools?: readonly string[],
): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const { token } = await openTokenFile(join(dataDir, '.tokens.json')).create({ name, scopes, pools });
  return token;
}
