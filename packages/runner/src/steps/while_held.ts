import type { Scanner } from '@nmcp/types';

/** A scanner on which nothing is changed once the lease has ended: it is asked for right before each call that would. */
export function whileHeld(scanner: Scanner, requireHeld: () => void): Scanner {
  return {
    ...scanner,
    async createScan(request, options) {
      requireHeld();
      return await scanner.createScan(request, options);
    },
    async launch(scanId, options) {
      requireHeld();
      await scanner.launch(scanId, options);
    },
    async stop(scanId, options) {
      requireHeld();
      await scanner.stop(scanId, options);
    },
    async delete(scanId, options) {
      requireHeld();
      await scanner.delete(scanId, options);
    },
  };
}
