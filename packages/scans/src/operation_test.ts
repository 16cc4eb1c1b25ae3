import { describe, expect, test } from 'vitest';
import {
  cancelScan,
  getScanStatus,
  isOffered,
  listDeadLetters,
  mayCall,
  retryDeadLetter,
  submitAuthenticatedScan,
  submitScan,
} from './mod.ts';
import { callerOf, stage } from './scans_test_stage.ts';

const reader = callerOf('reader', 'read');
const scanner = callerOf('scanner', 'scan');

describe('an operation', () => {
  test('is for who has its scope, and says which is lacking', async () => {
    await using s = await stage();
    expect(mayCall(s.services, reader, getScanStatus)).toBe(true);
    expect(mayCall(s.services, reader, submitScan)).toBe(false);
    expect(mayCall(s.services, scanner, submitAuthenticatedScan)).toBe(false);
    await expect(s.submit(reader)).rejects.toThrow('run_untrusted_scan needs the scope scan');
    await expect(s.submitWithLogin(scanner)).rejects.toThrow('needs the scope scan:credentials');
    await expect(listDeadLetters(s.services, scanner, { limit: 1 })).rejects.toThrow('needs the scope admin');
    expect(await s.services.tasks.list()).toEqual([]);
  });

  test('that changes something is refused by a server that is read-only, or that does not offer it', async () => {
    await using s = await stage();
    const { task } = await s.submit(scanner);
    const readOnly = { ...s.services, readOnly: true };
    await expect(cancelScan(readOnly, scanner, task)).rejects.toThrow(
      /read-only, so it does not offer cancel_scan/,
    );
    const results = { ...s.services, toolsets: ['results' as const] };
    await expect(cancelScan(results, scanner, task)).rejects.toThrow(/does not offer cancel_scan/);
    expect(isOffered(results, getScanStatus)).toBe(true);
    expect(isOffered({ toolsets: ['infrastructure'] }, getScanStatus)).toBe(false);
    // what tools do not show can be seen on the dashboard all the same
    expect((await getScanStatus({ ...s.services, toolsets: ['infrastructure'] }, scanner, task)).status).toBe(
      'queued',
    );
    expect(mayCall(readOnly, callerOf('root', 'admin'), retryDeadLetter)).toBe(false);
  });
});
