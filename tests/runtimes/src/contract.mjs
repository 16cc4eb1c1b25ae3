// The contract of @nmcp/nessus-client as tests of the runtime that this is bundled for.
import { createNessusClient } from '@nmcp/nessus-client';
import { CASES } from '@nmcp/test-contract/cases';
import { test } from 'vitest';

/** Keys that a simulated scanner starts with. */
const KEYS = { accessKey: 'simulator-access-key', secretKey: 'simulator-secret-key' };

/** Adds a test for each case, against a scanner at a URL. */
export function addContract(url) {
  const connect = (auth) => createNessusClient({ url, auth });
  for (const { name, run } of CASES) test(`client: ${name}`, () => run({ client: connect(KEYS), connect }));
}
