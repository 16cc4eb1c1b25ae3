import { chmodSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode, requirePrivateSync } from '@nmcp/files';
import { messageOf, NmcpError } from '@nmcp/types';
import { KEY_BYTES } from './vault.ts';

/** Where keys are. */
export interface KeySource {
  /** NMCP_SECRET_KEY: keys in base64, comma-separated, the newest first. */
  keys?: string | undefined;
  /** The alternative: a file with one key per line that only its owner can read. It is created if missing. */
  file: string;
}

/** Reads the keys of a vault. @throws {NmcpError} `invalid_config`, never with a key in it */
export function readKeys({ keys, file }: KeySource): Uint8Array<ArrayBuffer>[] {
  if (keys !== undefined) return parseKeys(keys.split(','), 'NMCP_SECRET_KEY');
  makeFile(file);
  requirePrivateSync(file);
  return parseKeys(readFileSync(file, 'utf8').split('\n'), file);
}

function parseKeys(texts: readonly string[], where: string): Uint8Array<ArrayBuffer>[] {
  const found = texts.map((text) => text.trim()).filter((text) => text !== '');
  const keys = found.map((text) => Uint8Array.from(Buffer.from(text, 'base64')));
  if (keys.length > 0 && keys.every((key) => key.length === KEY_BYTES)) return keys;
  throw new NmcpError(
    'invalid_config',
    `${where}: expected keys of ${KEY_BYTES} bytes in base64, such as openssl rand -base64 ${KEY_BYTES} makes`,
  );
}

/** If several processes start together, one creates the file, atomically. */
function makeFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const part = `${file}.${process.pid}.part`;
    const key = Buffer.from(crypto.getRandomValues(new Uint8Array(KEY_BYTES))).toString('base64');
    writeFileSync(part, `${key}\n`, { mode: 0o600 });
    chmodSync(part, 0o600);
    try {
      linkSync(part, file);
    } finally {
      unlinkSync(part);
    }
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    throw new NmcpError('invalid_config', `The secret key file cannot be created: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
