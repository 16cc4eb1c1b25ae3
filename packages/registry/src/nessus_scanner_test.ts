import type { NessusClient } from '@nmcp/nessus-client';
import { expect, test } from 'vitest';
import { adaptNessus } from './mod.ts';

test('a scanner without the template of our scans is at fault, not the request', async () => {
  const client = {
    // what the client has checked, in place of T
    call: async () => ({ templates: [{ uuid: 'u', name: 'basic' }] }) as never,
  } satisfies Partial<NessusClient>;
  const scanner = adaptNessus(client as unknown as NessusClient); // nothing else is called
  const request = {
    targets: '192.0.2.1',
    name: 'n',
    description: '',
    marker: 'm',
    scanType: 'untrusted',
  } as const;
  await expect(scanner.createScan(request)).rejects.toMatchObject({
    code: 'scanner_error',
    message: 'The scanner has no scan template advanced; available are: basic',
  });
});
