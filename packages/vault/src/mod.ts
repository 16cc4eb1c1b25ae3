/**
 * Credentials at rest.
 *
 * @module
 */
export { type KeySource, readKeys } from './read_keys.ts';
export { createVault, KEY_BYTES, type Sealed, type Vault } from './vault.ts';
