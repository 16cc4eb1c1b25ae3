import type { Scanner, ScannerOnceOptions } from '@nmcp/types';

/** A scanner on which nothing is changed once the lease has ended: it is asked for right before each call that would. */
export function whileHeld(scanner: Scanner, requireHeld: () => void): Scanner {
  const confirming = ({ confirm, ...options }: ScannerOnceOptions = {}): ScannerOnceOptions => ({
    ...options,
    async confirm() {
      await confirm?.();
      requireHeld();
    },
  });
  return {
    ...scanner,
    async createScan(request, options) {
      requireHeld();
      return await scanner.createScan(request, confirming(options));
    },
    async launch(scanId, options) {
      requireHeld();
      await scanner.launch(scanId, confirming(options));
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
