import type { Scope } from './caller.ts';

/** A token without its secret. */
export interface TokenRecord {
  id: string;
  /** Name of the caller that it stands for. */
  name: string;
  scopes: readonly Scope[];
  /** Absent: all. */
  pools?: readonly string[] | undefined;
  created_at: string;
  /** Absent: never. */
  expires_at?: string | undefined;
}

/** A token as it is kept. */
export interface StoredToken extends TokenRecord {
  /** SHA-256 of the token, in hexadecimal. */
  hash: string;
}
