/** When a circuit opens. */
export interface CircuitOptions {
  /** Failures in a row that open it. */
  failures: number;
  /** Milliseconds that it stays open, and that the one probe after that may take. */
  openMs: number;
}

/** A scanner's circuit: `closed` lets calls through, `open` none, `half-open` one. */
export interface CircuitReading {
  scanner: string;
  state: 'closed' | 'open' | 'half-open';
  /** Why the last call failed; absent while it is closed. */
  reason?: string;
}

/** Circuit breakers of scanners, the same for all workers on all hosts. */
export interface CircuitBreakers {
  /** Whether a call may be made now; of an open circuit whose time is over, one caller is let through. */
  allow(scanner: string, options: CircuitOptions): Promise<boolean>;
  /**
   * Notes a failure.
   *
   * @param reason kept as long as the circuit is not closed
   * @returns whether it opened the circuit
   */
  failed(scanner: string, options: CircuitOptions, reason?: string): Promise<boolean>;
  /** Closes the circuit. */
  succeeded(scanner: string): Promise<void>;
  states(scanners: readonly string[]): Promise<CircuitReading[]>;
}

/** What a circuit is that was opened until a time. */
export function circuitState(
  scanner: string,
  openUntil: number | undefined,
  now: number,
  reason: string,
): CircuitReading {
  if (openUntil === undefined) return { scanner, state: 'closed' };
  return { scanner, state: now < openUntil ? 'open' : 'half-open', ...(reason === '' ? {} : { reason }) };
}

/** Characters of a reason that are kept. */
export const REASON_LENGTH = 400;
