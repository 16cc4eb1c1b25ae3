import { NmcpError } from '@nmcp/types';

/** A sealed value, as stored in a file. */
export interface Sealed {
  /** `v1.KEY.IV.CIPHERTEXT`; KEY names the key, the others are base64url. */
  sealed: string;
}

/** Seals and opens. */
export interface Vault {
  /** Seals a value to a task: what was sealed to one cannot be opened as another's. */
  seal(taskId: string, value: unknown): Promise<Sealed>;
  /** @throws {NmcpError} `invalid_config` when the key is missing, `internal` when it was tampered with or is of another task */
  open(taskId: string, sealed: Sealed): Promise<unknown>;
  /** A keyed hash of a text, from which the text cannot be guessed without the key. */
  fingerprint(text: string): Promise<string>;
}

/** Bytes of a key. */
export const KEY_BYTES = 32;
const IV_BYTES = 12;

/**
 * Makes a vault: AES-256-GCM by WebCrypto, with the task's id as additional data.
 *
 * @param keys of 32 bytes each. The first seals, all open: to rotate, put the new key in front, and remove the old one once
 *   no task sealed with it is left
 * @throws {NmcpError} `invalid_config` for a key of another length
 *
 * @example
 * ```ts
 * import { createVault } from '@nmcp/vault';
 *
 * const vault = await createVault([crypto.getRandomValues(new Uint8Array(32))]);
 * const sealed = await vault.seal('task-1', { password: 'secret' });
 * console.assert(!JSON.stringify(sealed).includes('secret'));
 * console.log(await vault.open('task-1', sealed));
 * ```
 */
export async function createVault(keys: readonly Uint8Array<ArrayBuffer>[]): Promise<Vault> {
  const ring = await Promise.all(keys.map(importKey));
  const [first] = ring;
  if (!first) throw new NmcpError('invalid_config', 'A vault needs a key');
  return {
    async seal(taskId, value) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const additionalData = new TextEncoder().encode(taskId);
      const plain = new TextEncoder().encode(JSON.stringify(value));
      const cipher = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, first.aes, plain);
      return { sealed: `v1.${first.id}.${toBase64(iv)}.${toBase64(new Uint8Array(cipher))}` };
    },
    async open(taskId, { sealed }) {
      const [, id, iv, cipher] = /^v1\.([0-9a-f]{16})\.([\w-]+)\.([\w-]+)$/.exec(sealed) ?? [];
      if (id === undefined || iv === undefined || cipher === undefined) throw damaged();
      const key = ring.find((each) => each.id === id);
      if (!key)
        throw new NmcpError(
          'invalid_config',
          `The credentials were sealed with the key ${id}, which is missing: add it to NMCP_SECRET_KEY, after the new one`,
        );
      try {
        const plain = await crypto.subtle.decrypt(
          { name: 'AES-GCM', iv: fromBase64(iv), additionalData: new TextEncoder().encode(taskId) },
          key.aes,
          fromBase64(cipher),
        );
        return JSON.parse(new TextDecoder().decode(plain));
      } catch (error) {
        throw damaged(error);
      }
    },
    async fingerprint(text) {
      const mac = await crypto.subtle.sign('HMAC', first.hmac, new TextEncoder().encode(text));
      return toHex(new Uint8Array(mac));
    },
  };
}

interface RingKey {
  /** The beginning of the key's own hash. */
  id: string;
  aes: CryptoKey;
  hmac: CryptoKey;
}

async function importKey(bytes: Uint8Array<ArrayBuffer>): Promise<RingKey> {
  if (bytes.length !== KEY_BYTES)
    throw new NmcpError('invalid_config', `A secret key has ${KEY_BYTES} bytes, and one has ${bytes.length}`);
  const id = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))).slice(0, 16);
  const aes = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
  const hmac = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  return { id, aes, hmac };
}

function damaged(cause?: unknown): NmcpError {
  return new NmcpError('internal', 'The sealed credentials were tampered with, or belong to another task', {
    cause,
  });
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
}
