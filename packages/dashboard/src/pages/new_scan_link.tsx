import type { JSX } from 'hono/jsx/jsx-runtime';

/** A link to the form for a new scan, if the caller may start one. */
export function NewScanLink({ mayScan }: { mayScan: boolean }): JSX.Element | null {
  if (!mayScan) return null;
  return (
    <a class="button primary" href="/scans/new">
      New scan
    </a>
  );
}
