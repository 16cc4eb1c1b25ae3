import type { Simulator, SimulatorOptions } from '@nmcp/simulator';
import type { Answer, McpClient } from './mcp_client.ts';

/** A habit of scanners in the field, and what becomes of a scan on a scanner that has it. */
export interface Habit {
  /** Quirks of the simulator that are on from the start. */
  quirks: readonly string[];
  /** Fields of the scanner's entry in scanners.yaml, beside its address and its login. */
  scanner?: Readonly<Record<string, unknown>>;
  /** Log in with a password, and so with a session, in place of API keys. */
  hasSession?: boolean;
  /** How the scanner's certificate is trusted. @default it serves HTTP */
  trust?: 'ca_file' | 'fingerprint';
  simulator?: SimulatorOptions;
  tool?: 'run_untrusted_scan' | 'run_authenticated_scan';
  /** Arguments beside the targets. */
  args?: Readonly<Record<string, unknown>>;
  /** What the scanner has before. */
  prepare?: (simulator: Simulator) => Promise<void>;
  /** Submits, and waits for the end. @default one scan, waited for until it has ended */
  drive?: (run: HabitRun) => Promise<Status>;
  /** What is seen at the end. @default completed, with the findings of a scan without habits */
  ends?: object;
  /** A status that the scanner has answered, so that the habit was met; 0 for a connection that was cut. */
  saw?: number;
  /** Scans that are created and launched. @default 1 */
  scans?: number;
}

/** A scan's status, or the refusal of its submission. */
export type Status = Readonly<Record<string, unknown>>;

/** One habit as it is played. */
export interface HabitRun {
  simulator: Simulator;
  client: McpClient;
  /** Submits a scan to the scanner. */
  submit(args?: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** Waits until a scan has ended. */
  ended(submitted: Answer): Promise<Status>;
  /** Waits until something is there. */
  until<T>(look: () => T | Promise<T>): Promise<NonNullable<T>>;
  /** Calls the scanner, as a person at its user interface. */
  byHand(method: string, path: string, body?: object): Promise<void>;
}

/** What came of it. */
export interface HabitOutcome {
  status: Status;
  /** Scans that were made and launched by the API. */
  created: number;
  launched: number;
  /** What the scanner has answered. */
  statuses: readonly number[];
  /** Of the scanner, at the end. */
  circuit: unknown;
  /** Tasks of the pool. */
  tasks: number;
  /** Findings of the first page of the results, where there are results. */
  findings: number;
}

/** Ends of {@linkcode Habit.ends}. */
export const REFUSED = { status_code: 502, error: 'No scan API' };
