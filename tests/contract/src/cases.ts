import type { ContractCase } from './contract_case.ts';
import { managementCases } from './management_cases.ts';
import { readCases } from './read_cases.ts';
import { scanCases } from './scan_cases.ts';
import { userCases } from './user_cases.ts';

/** Every call of the client. Each case removes what it has made. */
export const CASES: readonly ContractCase[] = [...readCases, ...scanCases, ...managementCases, ...userCases];
