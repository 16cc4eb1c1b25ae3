import { NmcpError, type Scanner } from '@nmcp/types';
import { expect, test } from 'vitest';
import { whileHeld } from './while_held.ts';

/** A scanner that is asked something else before the call that counts; meanwhile the lease ends. */
function stage() {
  const state = { isHeld: true, made: 0 };
  const call: Scanner['launch'] = async (_scanId, { confirm } = {}) => {
    await Promise.resolve();
    state.isHeld = false; // the process was stopped for longer than its lease
    await confirm?.();
    state.made++;
  };
  const scanner = {
    launch: call,
    createScan: async (_request, options) => {
      await call(1, options);
      return 1;
    },
  } satisfies Partial<Scanner>;
  const requireHeld = (): void => {
    if (!state.isHeld) throw new NmcpError('stale_lease', 'The lease has ended');
  };
  return { state, held: whileHeld(scanner as unknown as Scanner, requireHeld) }; // the rest is not called
}

const REQUEST = {
  targets: '10.0.0.1',
  name: 'n',
  description: '',
  marker: 'm',
  scanType: 'untrusted',
} as const;

test.each<[string, (scanner: Scanner) => Promise<unknown>]>([
  ['created', (scanner) => scanner.createScan(REQUEST)],
  ['launched', (scanner) => scanner.launch(1)],
])('nothing is %s when the lease ends while the scanner is asked what comes before', async (_what, call) => {
  const { state, held } = stage();
  await expect(call(held)).rejects.toMatchObject({ code: 'stale_lease' });
  expect(state.made).toBe(0);
});
