import type { NessusAuth, NessusClient } from '@nmcp/nessus-client';
import { managementCases } from './management_cases.ts';
import { readCases } from './read_cases.ts';
import { scanCases } from './scan_cases.ts';
import { userCases } from './user_cases.ts';

/** What a case works with. */
export interface CaseContext {
  client: NessusClient;
  /** A client of its own, for what concerns logins. */
  connect(auth: NessusAuth): NessusClient;
}

/** One promise of the client, tried against a scanner. */
export interface ContractCase {
  name: string;
  /** Changes nothing on the scanner, and so may run against a real one. */
  readOnly?: boolean;
  run(context: CaseContext): Promise<void>;
}

/** Every call of the client. Each case removes what it has made. */
export const CASES: readonly ContractCase[] = [...readCases, ...scanCases, ...managementCases, ...userCases];
