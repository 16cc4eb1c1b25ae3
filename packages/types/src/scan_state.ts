import { NmcpError } from './error.ts';

/** The five states of a task. v3.0's readers know exactly these. */
export const SCAN_STATES = ['queued', 'running', 'completed', 'failed', 'timeout'] as const;

/** One of {@linkcode SCAN_STATES}. */
export type ScanState = (typeof SCAN_STATES)[number];

const NEXT: Readonly<Record<ScanState, readonly ScanState[]>> = {
  queued: ['running', 'failed'],
  running: ['running', 'completed', 'failed', 'timeout'],
  completed: [],
  failed: [],
  timeout: [],
};

/**
 * Whether a task may go from one state to another.
 *
 * @example
 * ```ts
 * import { canTransition } from '@nmcp/types';
 *
 * console.assert(canTransition('queued', 'running'));
 * console.assert(!canTransition('completed', 'running'));
 * ```
 */
export function canTransition(from: ScanState, to: ScanState): boolean {
  return NEXT[from].includes(to);
}

/** Whether a task in this state will never change again. */
export function isFinal(state: ScanState): boolean {
  return NEXT[state].length === 0;
}

/**
 * Refuses a change of state that the state machine does not have.
 *
 * @throws {NmcpError} `invalid_transition`
 */
export function assertTransition(taskId: string, from: ScanState, to: ScanState): void {
  if (canTransition(from, to)) return;
  const allowed = NEXT[from].join(', ') || 'none, it is final';
  throw new NmcpError(
    'invalid_transition',
    `Task ${taskId} is ${from} and cannot become ${to}; from ${from} it can become: ${allowed}`,
  );
}
