import { createHash, createHmac, hkdfSync } from 'node:crypto';

/** A key that seals lines. */
export interface AuditKey {
  /** The beginning of the key's hash; says nothing of the key. */
  id: string;
  bytes: Uint8Array;
}

/** Keys of their own, derived from secret ones that have another use beside it. */
export function auditKeys(secrets: readonly Uint8Array[]): AuditKey[] {
  return secrets.map((secret) => {
    const bytes = new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), 'nmcp audit log', 32));
    return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 16), bytes };
  });
}

/** Hash of a line; under a key, only its holder can make it. */
export function hashOf(content: object, key: AuditKey | undefined): string {
  const text = JSON.stringify(content);
  return key ? createHmac('sha256', key.bytes).update(text).digest('hex') : sha256(text);
}

/** What is said of a line under a key that is not here. */
export function sealedElsewhere(key: string): string {
  return `sealed under the key ${key.slice(0, 16)}, which is not here: name it in NMCP_SECRET_KEY or its file`;
}

/** SHA-256 in hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
