import * as v from 'valibot';
import { NmcpError } from './error.ts';

/** The name of a task, of its directory and of its queue entry. Made by {@linkcode newTaskId}. */
export type TaskId = string & { readonly __brand: 'TaskId' };

/**
 * Letters, digits and single separators: what v3.0 wrote (`ne_scan_20251201_143022_a1b2c3d4`,
 * `nessus-scanner1-20251126-abc123`) and what we write. No dot, no slash, so that an id can never leave the
 * data directory.
 */
const PATTERN = /^[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+){1,12}$/;
const MIN_LENGTH = 8;
const MAX_LENGTH = 96;
const RANDOM_BYTES = 16;

/** Whether a text can be a task id. */
export function isTaskId(text: unknown): text is TaskId {
  return (
    typeof text === 'string' && text.length >= MIN_LENGTH && text.length <= MAX_LENGTH && PATTERN.test(text)
  );
}

/**
 * Checks a task id that came from outside.
 *
 * @throws {NmcpError} `invalid_input` when it does not have the form of one.
 */
export function parseTaskId(text: unknown): TaskId {
  if (isTaskId(text)) return text;
  const shown = typeof text === 'string' ? JSON.stringify(text.slice(0, 60)) : typeof text;
  throw new NmcpError(
    'invalid_input',
    `task_id ${shown} is not a task id: expected letters, digits, "_" and "-" only, such as ne_scan_20251201_143022_a1b2c3d4`,
    { title: 'Invalid task_id' },
  );
}

/** Options of {@linkcode newTaskId}. */
export interface NewTaskIdOptions {
  /** The time that the id shows. @default now */
  now?: Date;
  /** Fills an array with random bytes. @default crypto.getRandomValues */
  random?: (bytes: Uint8Array<ArrayBuffer>) => void;
}

/**
 * Makes a task id: the scanner type's first two letters, the UTC time, and 128 random bits, which nobody guesses.
 *
 * @example
 * ```ts
 * import { isTaskId, newTaskId } from '@nmcp/types';
 *
 * console.assert(isTaskId(newTaskId('nessus')));
 * ```
 */
export function newTaskId(scannerType: string, options: NewTaskIdOptions = {}): TaskId {
  const prefix = prefixOf(scannerType);
  const iso = (options.now ?? new Date()).toISOString(); // 2026-01-31T14:30:22.000Z
  const stamp = `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 10)}_${iso.slice(11, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}`;
  const bytes = new Uint8Array(RANDOM_BYTES);
  (options.random ?? fillRandom)(bytes);
  return `${prefix}_scan_${stamp}_${hex(bytes)}` as TaskId; // by construction it matches the pattern
}

/**
 * The task id of something that makes one task at most, such as an idempotency key: the same for the same origin.
 *
 * @param origin at least 32 hexadecimal digits, which nobody guesses
 *
 * @example
 * ```ts
 * import { isTaskId, taskIdOf } from '@nmcp/types';
 *
 * console.assert(isTaskId(taskIdOf('nessus', 'key', '0123456789abcdef0123456789abcdef')));
 * ```
 */
export function taskIdOf(scannerType: string, kind: 'key' | 'retry', origin: string): TaskId {
  return parseTaskId(`${prefixOf(scannerType)}_scan_${kind}_${origin.slice(0, 2 * RANDOM_BYTES)}`);
}

function prefixOf(scannerType: string): string {
  return scannerType.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 2) || 'sc';
}

/** Makes a trace id: a random UUID, as v3.0 wrote. */
export function newTraceId(): string {
  return crypto.randomUUID();
}

/** Random bytes that were fetched and not used yet: fetching them one id at a time takes ten times as long. */
const ahead = new Uint8Array(256 * RANDOM_BYTES);
let used = ahead.length;

function fillRandom(bytes: Uint8Array): void {
  if (used === ahead.length) {
    crypto.getRandomValues(ahead);
    used = 0;
  }
  bytes.set(ahead.subarray(used, used + bytes.length));
  used += bytes.length;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/** Schema of a {@linkcode TaskId}. */
export const TaskIdSchema: v.GenericSchema<unknown, TaskId> = v.custom<TaskId>(
  isTaskId,
  'is not a task id: expected letters, digits, "_" and "-" only',
);
