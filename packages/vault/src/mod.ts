/**
 * Credentials at rest.
 *
 * @module
 */
export {
  type BoundCredentials,
  type CredentialUse,
  type NamedCredentials,
  type NamedCredentialsOptions,
  openNamedCredentials,
} from './named_credentials.ts';
export { type KeySource, readKeys } from './read_keys.ts';
export { createVault, KEY_BYTES, type Sealed, type Vault } from './vault.ts';
