/** The kinds of Nessus licence; only the manager has the scan API. */
export type Licence = 'manager' | 'professional' | 'expert' | 'essentials';

/** What the simulated scanner is and lets in. */
export interface ScannerSettings {
  seed: number;
  /** Simulated seconds that pass in a real one. */
  speed: number;
  licence: Licence;
  username: string;
  password: string;
  accessKey: string;
  secretKey: string;
  /** Milliseconds without a call after which a session ends. */
  sessionIdleMs: number;
  /** Addresses that one scan may have. */
  maxTargets: number;
  findingsPerHost: number | undefined;
  /** Agents that are linked. */
  agents: number;
  /** Seconds by which the scanner's clock is off. */
  clockSkewSeconds: number;
}
