import { existsSync } from 'node:fs';
import type { Settings } from '@nmcp/settings';
import { readKeys } from '@nmcp/vault';

/** The keys of sealed credentials; a file is made where there is none. @throws {NmcpError} `invalid_config` */
export function secretKeys({ secretKeys: keys, secretKeyFile: file }: Settings): Uint8Array<ArrayBuffer>[] {
  return readKeys({ keys, file });
}

/** The same; `undefined` where none has been made yet. */
export function existingKeys(settings: Settings): Uint8Array<ArrayBuffer>[] | undefined {
  const isMade = settings.secretKeys !== undefined || existsSync(settings.secretKeyFile);
  return isMade ? secretKeys(settings) : undefined;
}
