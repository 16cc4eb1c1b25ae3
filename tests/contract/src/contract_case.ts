import type { NessusAuth, NessusClient } from '@nmcp/nessus-client';

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
