/**
 * Errors, targets, profiles and names: the part of the vocabulary that needs no schema. It loads in half the time of the whole.
 *
 * @module
 */
export * from './error.ts';
export * from './fold_targets.ts';
export * from './ipv4_number.ts';
export * from './profile.ts';
export * from './target.ts';
export * from './targets.ts';
export * from './unknown_name.ts';
